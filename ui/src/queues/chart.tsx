/** Some measures of a queue drawn, a lane each, with the same in a sentence and as a table. */
import { useId } from "preact/hooks";
import { type Lane, Lanes } from "../parts/lanes";
import { marksOf, WIDE } from "../parts/marks";
import { Plot } from "../parts/plot";
import { locale, number, texts } from "../texts";
import { COUNTS, type Measure } from "./answers";
import { type Column, type Columns, highestOf, type Span, totalOf } from "./columns";
import { durationWords, UNKNOWN } from "./words";

interface Props {
  title: string;
  measures: readonly Measure[];
  columns: Columns;
}

/** Seconds between two labelled times: on a wide picture, on a narrow one. */
const MARKS: Record<Span, [number, number]> = { "10-minutes": [120, 180], "6-hours": [3_600, 7_200] };

export function Chart({ title, measures, columns }: Props) {
  const t = texts.value.queues;
  const heading = useId();
  return (
    <section class="card" aria-labelledby={heading}>
      <h3 id={heading}>{title}</h3>
      <Plot
        columns={columns.columns.length}
        lanes={measures.length}
        span={columns.span}
        picture={(width, pointed) => (
          <Lanes
            title={title}
            description={`${summaryWords(measures, columns)} ${t.chartHint}`}
            lanes={measures.map((measure) => laneOf(measure, columns))}
            columns={columns.columns.length}
            marks={marks(columns, width)}
            width={width}
            pointed={pointed}
          />
        )}
        reading={(pointed) => {
          const column = pointed === null ? undefined : columns.columns[pointed];
          return column ? readingWords(measures, columns, column) : t.each(durationWords(columns.each));
        }}
      />
      <Table title={title} measures={measures} columns={columns} />
    </section>
  );
}

function isCount(measure: Measure): boolean {
  return (COUNTS as readonly Measure[]).includes(measure);
}

function laneOf(measure: Measure, columns: Columns): Lane {
  const t = texts.value.queues;
  const values = columns.columns.map((column) => column[measure]);
  const highest = highestOf(columns, measure);
  const peak =
    highest === null ? t.unknown : isCount(measure) && !highest ? t.noneIn : t.peak(valueWords(measure, highest));
  return { name: t.measures[measure], peak, kinds: [{ kind: isCount(measure) ? "done" : "level", values }] };
}

function valueWords(measure: Measure, value: number | null): string {
  if (value === null) return UNKNOWN;
  return measure === "oldest_seconds" ? durationWords(value, "short") : number(value);
}

/** `Sent: 100. Received: 103.`, of levels the highest. */
function summaryWords(measures: readonly Measure[], columns: Columns): string {
  const t = texts.value.queues;
  const parts = measures.map((measure) => {
    const value = isCount(measure) ? totalOf(columns, measure) : highestOf(columns, measure);
    const words = value === null ? t.unknown : valueWords(measure, value);
    return isCount(measure) || value === null
      ? t.total(t.measures[measure], words)
      : t.highest(t.measures[measure], words);
  });
  return `${t.within(durationWords(columns.seconds))} ${parts.join(" ")}`;
}

function readingWords(measures: readonly Measure[], columns: Columns, column: Column): string {
  const t = texts.value.queues;
  const end = new Date(column.at + columns.each * 1_000);
  const range = timeFormat(columns).formatRange(new Date(column.at), end);
  const parts = measures.map((measure) => t.pair(t.measures[measure], valueWords(measure, column[measure])));
  return `${range}: ${parts.join(", ")}`;
}

function timeFormat({ each }: Columns): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale.value, { timeStyle: each < 60 ? "medium" : "short" });
}

function marks({ span, each, columns }: Columns, width: number) {
  const [close, far] = MARKS[span];
  const starts = columns.map(({ at }) => at);
  return marksOf(starts, each * 1_000, (width > WIDE ? close : far) * 1_000, { timeStyle: "short" });
}

function Table({ title, measures, columns }: Props) {
  const t = texts.value.queues;
  const caption = useId();
  const format = timeFormat(columns);
  const isTold = (column: Column) =>
    measures.some((measure) => (isCount(measure) ? column[measure] : column[measure] !== null));
  const rows = columns.columns.filter(isTold).reverse();
  return (
    <details>
      <summary>
        {t.table}
        <span class="unseen">: {title}</span>
      </summary>
      {rows.length === 0 && <p class="hint">{t.noRows}</p>}
      {rows.length > 0 && (
        <section class="scroll" tabIndex={0} aria-labelledby={caption}>
          <table>
            <caption id={caption}>
              {title}: {t.caption}
            </caption>
            <thead>
              <tr>
                <th scope="col">{t.from}</th>
                {measures.map((measure) => (
                  <th key={measure} scope="col">
                    {t.measures[measure]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((column) => (
                <tr key={column.at}>
                  <th scope="row">{format.format(column.at)}</th>
                  {measures.map((measure) => (
                    <td key={measure}>{valueWords(measure, column[measure])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
