/** The figures drawn: a lane of bars each for changes, builds and fetches, and the times below. */
import { useId } from "preact/hooks";
import { texts } from "../texts";
import type { Activity, Part } from "./figures";
import { summaryWords } from "./summary";
import { marks } from "./times";

const NAME_HEIGHT = 22;
const BARS_HEIGHT = 52;
const LANE_GAP = 14;
const AXIS_HEIGHT = 22;
const LANES = 3;
/** A mark's time that is nearer to the edge than this is not put in the middle of its mark: it would be cut. */
const EDGE = 24;

/** As the style sheet has it, too: what is observed for its width must not change its height. */
const HEIGHT = LANES * (NAME_HEIGHT + BARS_HEIGHT + LANE_GAP) + AXIS_HEIGHT;

interface Lane {
  name: string;
  /** What its bars are made of, from below. */
  kinds: { kind: "done" | "saved"; value: (part: Part) => number }[];
}

export function Picture({ activity, width, pointed }: { activity: Activity; width: number; pointed: number | null }) {
  const t = texts.value.activity;
  const id = useId();
  const step = width / activity.series.length;
  const lanes: Lane[] = [
    { name: t.changes, kinds: [{ kind: "done", value: (part) => part.changes }] },
    { name: t.builds, kinds: [{ kind: "done", value: (part) => part.builds }] },
    {
      name: t.fetches,
      kinds: [
        { kind: "done", value: (part) => part.fetches - part.not_modified },
        { kind: "saved", value: (part) => part.not_modified },
      ],
    },
  ];
  return (
    <svg
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-labelledby={`${id}-t`}
      aria-describedby={`${id}-d`}
    >
      <title id={`${id}-t`}>{t.chart}</title>
      <desc id={`${id}-d`}>{t.chartHint(summaryWords(activity.totals))}</desc>
      {pointed !== null && <rect class="at" x={pointed * step} y={0} width={step} height={HEIGHT - AXIS_HEIGHT} />}
      {lanes.map((lane, index) => (
        <Bars key={lane.name} lane={lane} index={index} series={activity.series} width={width} />
      ))}
      <Axis activity={activity} width={width} step={step} />
    </svg>
  );
}

function Bars({ lane, index, series, width }: { lane: Lane; index: number; series: Part[]; width: number }) {
  const t = texts.value.activity;
  const bottom = (index + 1) * (NAME_HEIGHT + BARS_HEIGHT) + index * LANE_GAP;
  const step = width / series.length;
  const most = Math.max(0, ...series.map((part) => lane.kinds.reduce((sum, { value }) => sum + value(part), 0)));
  return (
    <>
      <text class="name" x={0} y={bottom - BARS_HEIGHT - 8}>
        {lane.name}
      </text>
      <text x={width} y={bottom - BARS_HEIGHT - 8} text-anchor="end">
        {most ? t.peak(most) : t.none}
      </text>
      <line class="line" x1={0} x2={width} y1={bottom + 0.5} y2={bottom + 0.5} />
      {series.flatMap((part, position) => {
        let top = bottom;
        return lane.kinds.map(({ kind, value }) => {
          if (!value(part)) return null;
          const tall = Math.max(2, (value(part) / most) * BARS_HEIGHT);
          top -= tall;
          return (
            <rect
              key={`${part.from} ${kind}`}
              class={kind}
              x={position * step + 0.5}
              y={top}
              width={Math.max(1, step - 1.5)}
              height={tall}
              rx={Math.min(2, step / 4)}
            />
          );
        });
      })}
    </>
  );
}

function Axis({ activity, width, step }: { activity: Activity; width: number; step: number }) {
  const top = HEIGHT - AXIS_HEIGHT - LANE_GAP;
  return marks(activity, width).map(({ index, words }) => {
    const x = index * step;
    const anchor = x < EDGE ? "start" : x > width - EDGE ? "end" : "middle";
    return (
      <g key={index}>
        <line class="line" x1={x} x2={x} y1={top} y2={top + 6} />
        <text x={x} y={HEIGHT - AXIS_HEIGHT + 6} text-anchor={anchor}>
          {words}
        </text>
      </g>
    );
  });
}
