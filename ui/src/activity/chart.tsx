/** The picture of the figures, and what is under the pointer in words. Its other form for everybody is the table. */
import { Plot } from "../parts/plot";
import { texts } from "../texts";
import type { Activity } from "./figures";
import { LANES, Picture } from "./picture";
import { rangeWords } from "./times";

export function Chart({ activity }: { activity: Activity }) {
  return (
    <Plot
      columns={activity.series.length}
      lanes={LANES}
      span={activity.span}
      picture={(width, pointed) => <Picture activity={activity} width={width} pointed={pointed} />}
      reading={(pointed) => <Reading activity={activity} pointed={pointed} />}
    />
  );
}

function Reading({ activity, pointed }: { activity: Activity; pointed: number | null }) {
  const t = texts.value.activity;
  const part = pointed === null ? undefined : activity.series[pointed];
  if (!part) {
    return (
      <>
        {t.each[activity.span]} {t.key} <span class="key done">{t.keyWhole}</span>{" "}
        <span class="key saved">{t.keySaved}</span>
      </>
    );
  }
  const { changes, builds, fetches, not_modified: notModified } = part;
  return <>{t.reading(rangeWords(activity, part.from), changes, builds, fetches, notModified)}</>;
}
