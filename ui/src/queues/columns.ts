/** Figures over time, put into as few columns as can be told apart: counts are added up, of levels the highest is kept. Pure. */
import { COUNTS, type Figures, LEVELS, type Measure } from "./answers";
import type { Sample } from "./seen";

export const SPANS = ["10-minutes", "6-hours"] as const;
export type Span = (typeof SPANS)[number];

export const SECONDS: Record<Span, number> = { "10-minutes": 600, "6-hours": 21_600 };

/** CloudWatch keeps figures by the minute for longer, but is not asked for more. */
const CLOUDWATCH_SECONDS = 10_800;
const COLUMNS = 60;
/** A round length for columns must be one of these, seconds. */
const STEPS = [1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 360, 600];

/** One part of the time; `at` is its begin, milliseconds since 1970. A value is null where nothing is known. */
export type Column = Record<Measure, number | null> & { at: number };

export interface Columns {
  span: Span;
  /** How long all of it is, and each column, seconds. */
  seconds: number;
  each: number;
  columns: Column[];
}

/** How long the time is that is shown for a span. */
export function secondsOf(span: Span, origin: Figures["origin"]): number {
  return origin === "CloudWatch" ? Math.min(SECONDS[span], CLOUDWATCH_SECONDS) : SECONDS[span];
}

/** Those of what somebody counted. `now`: seconds since 1970, for when there is nothing yet. */
export function columnsOf(figures: Figures, span: Span, now: number): Columns {
  const { from, step_seconds: step, origin } = figures;
  const length = Math.max(...[...COUNTS, ...LEVELS].map((measure) => figures[measure].length));
  const made = empty(span, secondsOf(span, origin), step, length ? from + length * step : now);
  for (const measure of [...COUNTS, ...LEVELS]) {
    figures[measure].forEach((value, index) => put(made, measure, from + index * step, value));
  }
  return made;
}

/** Those of what the page has seen by itself. */
export function columnsSeen(samples: readonly Sample[], span: Span, now: number): Columns {
  const made = empty(span, SECONDS[span], 1, now);
  for (const { at, available, in_flight: inFlight } of samples) {
    put(made, "available", at, available);
    put(made, "in_flight", at, inFlight);
  }
  return made;
}

function empty(span: Span, seconds: number, step: number, end: number): Columns {
  const each = STEPS.find((one) => one >= Math.max(seconds / COLUMNS, step)) ?? step;
  const count = Math.ceil(seconds / each);
  const start = Math.ceil(end / each) - count;
  const columns = Array.from({ length: count }, (_, index) => ({
    at: (start + index) * each * 1_000,
    ...(Object.fromEntries([...COUNTS, ...LEVELS].map((measure) => [measure, null])) as Record<Measure, null>),
  }));
  return { span, seconds, each, columns };
}

function put({ columns, each }: Columns, measure: Measure, at: number, value: number | null): void {
  const first = columns[0];
  const column = first && columns[Math.floor((at - first.at / 1_000) / each)];
  if (!column || value === null) return;
  const before = column[measure];
  const isCount = (COUNTS as readonly Measure[]).includes(measure);
  column[measure] = before === null ? value : isCount ? before + value : Math.max(before, value);
}

/** The sum of a count, null when it is not counted. */
export function totalOf({ columns }: Columns, measure: Measure): number | null {
  return reduced(columns, measure, (one, other) => one + other);
}

/** The highest value, null when none is known. */
export function highestOf({ columns }: Columns, measure: Measure): number | null {
  return reduced(columns, measure, Math.max);
}

function reduced(columns: Column[], measure: Measure, join: (one: number, other: number) => number): number | null {
  const known = columns.flatMap((column) => column[measure] ?? []);
  return known.length ? known.reduce((one, other) => join(one, other)) : null;
}
