/** The times of a span's parts, on the reader's clock and in the reader's locale. */
import type { Mark } from "../parts/lanes";
import { marksOf, WIDE } from "../parts/marks";
import { locale } from "../texts";
import type { Activity } from "./figures";
import { MEASURES } from "./span";

/** When a part began. */
export function timeWords({ span }: Activity, from: string): string {
  return new Intl.DateTimeFormat(locale.value, MEASURES[span].time).format(new Date(from));
}

/** `20:07–20:08`. */
export function rangeWords({ span, minutesEach }: Activity, from: string): string {
  const start = new Date(from);
  const end = new Date(+start + minutesEach * 60_000);
  return new Intl.DateTimeFormat(locale.value, MEASURES[span].time).formatRange(start, end);
}

/** The parts in which a round local time begins, and that time. */
export function marks({ span, minutesEach, series }: Activity, width: number): Mark[] {
  const { marks, label } = MEASURES[span];
  const [close, far] = marks;
  const starts = series.map(({ from }) => Date.parse(from));
  return marksOf(starts, minutesEach * 60_000, (width > WIDE ? close : far) * 60_000, label);
}
