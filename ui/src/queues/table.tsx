/** The queues of one source as a table; on a phone each is a card. */
import type { ComponentChildren } from "preact";
import { texts } from "../texts";
import type { Card } from "./answers";
import { QueueLink } from "./link";
import { sorted } from "./sources";
import { countWords, dateWords, encryptionWords, switchWords, UNKNOWN } from "./words";

type Column = Exclude<keyof Card, "name" | "receives_max" | "dead_letters_of">;

const COLUMNS: readonly Column[] = [
  "type",
  "created_at",
  "available",
  "in_flight",
  "delayed",
  "encryption",
  "content_based_deduplication",
  "dead_letter_queue",
];
const NUMBERS: readonly Column[] = ["available", "in_flight", "delayed"];

interface Props {
  source: string;
  queues: Card[];
  labelledBy: string;
}

export function QueueTable({ source, queues, labelledBy }: Props) {
  const t = texts.value.queues;
  const columns = COLUMNS.filter((column) => queues.some((card) => card[column] !== null));
  // The roles are those of the elements: as cards they would lose them in some browsers.
  return (
    <section class="scroll" tabIndex={0} aria-labelledby={labelledBy}>
      <table role="table" class="list" aria-labelledby={labelledBy}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              {t.name}
            </th>
            {columns.map((column) => (
              <th key={column} role="columnheader" scope="col" class={NUMBERS.includes(column) ? "number" : undefined}>
                {t.columns[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {sorted(queues).map((card) => (
            <tr key={card.name} role="row">
              <th role="rowheader" scope="row">
                <QueueLink source={source} name={card.name} />
              </th>
              {columns.map((column) => (
                <td
                  key={column}
                  role="cell"
                  data-name={t.columns[column]}
                  class={NUMBERS.includes(column) ? "number" : undefined}
                >
                  {valueOf(card, column, source)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function valueOf(card: Card, column: Column, source: string): ComponentChildren {
  switch (column) {
    case "available":
    case "in_flight":
    case "delayed":
      return countWords(card[column]);
    case "created_at":
      return card.created_at ? dateWords(card.created_at) : UNKNOWN;
    case "content_based_deduplication":
      return switchWords(card.content_based_deduplication);
    case "encryption":
      return encryptionWords(card.encryption);
    case "dead_letter_queue":
      return card.dead_letter_queue ? <QueueLink source={source} name={card.dead_letter_queue} /> : UNKNOWN;
    case "type":
      return card.type ?? UNKNOWN;
  }
}
