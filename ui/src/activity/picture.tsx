/** The figures drawn: a lane of bars each for changes, builds and fetches, and the times below. */
import { type Lane, Lanes } from "../parts/lanes";
import { texts } from "../texts";
import type { Activity, Part } from "./figures";
import { summaryWords } from "./summary";
import { marks } from "./times";

export const LANES = 3;

export function Picture({ activity, width, pointed }: { activity: Activity; width: number; pointed: number | null }) {
  const t = texts.value.activity;
  const { series } = activity;
  const lane = (name: string, all: (part: Part) => number, kinds: Lane["kinds"]): Lane => {
    const most = Math.max(0, ...series.map(all));
    return { name, peak: most ? t.peak(most) : t.none, kinds };
  };
  const values = (value: (part: Part) => number) => series.map(value);
  return (
    <Lanes
      title={t.chart}
      description={t.chartHint(summaryWords(activity.totals))}
      columns={series.length}
      marks={marks(activity, width)}
      width={width}
      pointed={pointed}
      lanes={[
        lane(t.changes, (part) => part.changes, [{ kind: "done", values: values((part) => part.changes) }]),
        lane(t.builds, (part) => part.builds, [{ kind: "done", values: values((part) => part.builds) }]),
        lane(t.fetches, (part) => part.fetches, [
          { kind: "done", values: values((part) => part.fetches - part.not_modified) },
          { kind: "saved", values: values((part) => part.not_modified) },
        ]),
      ]}
    />
  );
}
