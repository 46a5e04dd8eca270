/** The figures as a table. */
import { useId } from "preact/hooks";
import { number, texts } from "../texts";
import type { Activity } from "./figures";
import { sizeWords } from "./size";
import { timeWords } from "./times";

export function FiguresTable({ activity }: { activity: Activity }) {
  const t = texts.value.activity;
  const caption = useId();
  const busy = activity.series.filter((part) => part.changes || part.bells || part.builds || part.fetches).reverse();
  return (
    <details>
      <summary>{t.table}</summary>
      {/* What scrolls must be within reach of the keyboard. */}
      <section class="scroll" tabIndex={0} aria-labelledby={caption}>
        <table>
          <caption id={caption}>{t.caption}</caption>
          <thead>
            <tr>
              {[t.from, t.changes, t.bells, t.builds, t.fetches, t.notModified, t.sent, t.saved].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {busy.map((part) => (
              <tr key={part.from}>
                <th scope="row">{timeWords(activity, part.from)}</th>
                <td>{number(part.changes)}</td>
                <td>{number(part.bells)}</td>
                <td>{number(part.builds)}</td>
                <td>{number(part.fetches)}</td>
                <td>{number(part.not_modified)}</td>
                <td>{sizeWords(part.bytes_sent)}</td>
                <td>{sizeWords(part.bytes_saved)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
