/** Who read a feed lately, as a table. */
import { useId } from "preact/hooks";
import { locale, texts } from "../texts";
import { durationWords } from "./shows";

export interface Reader {
  app: string;
  name: string;
  /** UTC without zone. */
  last_at: string;
  not_modified_share: number;
  /** Null when it came once. */
  interval_seconds: number | null;
  expected_delay: string;
}

export function Readers({ readers }: { readers: Reader[] }) {
  const t = texts.value.subscribe;
  const caption = useId();
  if (!readers.length) return <p class="hint">{t.doctor.noReaders}</p>;
  const names: Record<string, string> = t.apps.delayNames;
  const delays: Record<string, string> = t.apps.delays;
  const date = new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" });
  const percent = new Intl.NumberFormat(locale.value, { style: "percent" });
  const { app, last, interval, saved, usual } = t.doctor.columns;
  return (
    // What scrolls must be within reach of the keyboard
    <section class="scroll" tabIndex={0} aria-labelledby={caption}>
      <table>
        <caption id={caption}>{t.doctor.readers}</caption>
        <thead>
          <tr>
            {[app, last, interval, saved, usual].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {readers.map((reader) => (
            <tr key={reader.app}>
              <th scope="row">{names[reader.app] ?? reader.name}</th>
              <td>{date.format(new Date(`${reader.last_at}Z`))}</td>
              <td>{reader.interval_seconds === null ? t.doctor.once : durationWords(reader.interval_seconds)}</td>
              <td>{percent.format(reader.not_modified_share)}</td>
              <td>{delays[reader.app] ?? reader.expected_delay}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
