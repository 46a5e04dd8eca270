/** Figures over time drawn: a lane each, of bars where things are counted and of a line where they go up and down. */
import { useId } from "preact/hooks";

const NAME_HEIGHT = 22;
const BODY_HEIGHT = 52;
const LANE_GAP = 14;
const AXIS_HEIGHT = 22;
/** A mark's time that is nearer to the edge than this is not put in the middle of its mark: it would be cut. */
const EDGE = 24;

export interface Lane {
  name: string;
  /** What is said of the highest. */
  peak: string;
  /** What it is made of, from below; a value is null where nothing is known. */
  kinds: { kind: "done" | "saved" | "level"; values: (number | null)[] }[];
}

/** A time that is written below the lanes. */
export interface Mark {
  index: number;
  words: string;
}

interface Props {
  title: string;
  /** The same in words, for those who do not see it. */
  description: string;
  lanes: Lane[];
  columns: number;
  marks: Mark[];
  width: number;
  pointed: number | null;
}

export function Lanes({ title, description, lanes, columns, marks, width, pointed }: Props) {
  const id = useId();
  // As the style sheet has it, too: what is observed for its width must not change its height.
  const height = lanes.length * (NAME_HEIGHT + BODY_HEIGHT + LANE_GAP) + AXIS_HEIGHT;
  const step = width / columns;
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-labelledby={`${id}-t`}
      aria-describedby={`${id}-d`}
    >
      <title id={`${id}-t`}>{title}</title>
      <desc id={`${id}-d`}>{description}</desc>
      {pointed !== null && <rect class="at" x={pointed * step} y={0} width={step} height={height - AXIS_HEIGHT} />}
      {lanes.map((lane, index) => (
        <Drawn key={lane.name} lane={lane} index={index} columns={columns} width={width} />
      ))}
      {marks.map(({ index, words }) => (
        <MarkedTime key={index} x={index * step} words={words} width={width} height={height} />
      ))}
    </svg>
  );
}

function Drawn({ lane, index, columns, width }: { lane: Lane; index: number; columns: number; width: number }) {
  const bottom = (index + 1) * (NAME_HEIGHT + BODY_HEIGHT) + index * LANE_GAP;
  const step = width / columns;
  let most = 0;
  for (let column = 0; column < columns; column += 1) {
    const sum = lane.kinds.reduce((sum, { values }) => sum + (values[column] ?? 0), 0);
    most = Math.max(most, sum);
  }
  const isLevel = lane.kinds[0]?.kind === "level";
  return (
    <>
      <text class="name" x={0} y={bottom - BODY_HEIGHT - 8}>
        {lane.name}
      </text>
      <text x={width} y={bottom - BODY_HEIGHT - 8} text-anchor="end">
        {lane.peak}
      </text>
      <line class="line" x1={0} x2={width} y1={bottom + 0.5} y2={bottom + 0.5} />
      {isLevel ? (
        <Level values={lane.kinds[0]?.values ?? []} most={most} bottom={bottom} step={step} />
      ) : (
        <Bars lane={lane} columns={columns} most={most} bottom={bottom} step={step} />
      )}
    </>
  );
}

interface BarsProps {
  lane: Lane;
  columns: number;
  most: number;
  bottom: number;
  step: number;
}

function Bars({ lane, columns, most, bottom, step }: BarsProps) {
  return Array.from({ length: columns }, (_, column) => {
    let top = bottom;
    return lane.kinds.map(({ kind, values }) => {
      const value = values[column];
      if (!value) return null;
      const tall = Math.max(2, (value / most) * BODY_HEIGHT);
      top -= tall;
      return (
        <rect
          key={`${column} ${kind}`}
          class={kind}
          x={column * step + 0.5}
          y={top}
          width={Math.max(1, step - 1.5)}
          height={tall}
          rx={Math.min(2, step / 4)}
        />
      );
    });
  });
}

/** A line of steps, with a gap where nothing is known. */
function Level({
  values,
  most,
  bottom,
  step,
}: {
  values: (number | null)[];
  most: number;
  bottom: number;
  step: number;
}) {
  const height = (value: number) => bottom - (most ? (value / most) * (BODY_HEIGHT - 1) : 0);
  let line = "";
  let area = "";
  for (const { start, known } of runs(values)) {
    const steps = known.map((value, index) => `V${height(value)}H${(start + index + 1) * step}`).join("");
    line += `M${start * step} ${height(known[0] ?? 0)}${steps}`;
    area += `M${start * step} ${bottom}${steps}V${bottom}Z`;
  }
  return (
    <>
      <path class="area" d={area} />
      <path class="level" d={line} />
    </>
  );
}

/** The values that follow each other without a gap, and the index of the first of them. */
function runs(values: (number | null)[]): { start: number; known: number[] }[] {
  const found: { start: number; known: number[] }[] = [];
  values.forEach((value, index) => {
    const last = found.at(-1);
    if (value === null) return;
    if (last && last.start + last.known.length === index) last.known.push(value);
    else found.push({ start: index, known: [value] });
  });
  return found;
}

function MarkedTime({ x, words, width, height }: { x: number; words: string; width: number; height: number }) {
  const top = height - AXIS_HEIGHT - LANE_GAP;
  const anchor = x < EDGE ? "start" : x > width - EDGE ? "end" : "middle";
  return (
    <g>
      <line class="line" x1={x} x2={x} y1={top} y2={top + 6} />
      <text x={x} y={height - AXIS_HEIGHT + 6} text-anchor={anchor}>
        {words}
      </text>
    </g>
  );
}
