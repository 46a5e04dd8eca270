/** The times of a span's parts, on the reader's clock and in the reader's locale. */
import { locale } from "../texts";
import type { Activity } from "./figures";
import { MEASURES } from "./span";

/** From so much room on, pixels, there is room for the closer marks. */
const WIDE = 480;

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

/** The parts in which a round local time begins, by index, and that time. */
export function marks({ span, minutesEach, series }: Activity, width: number): { index: number; words: string }[] {
  const [close, far] = MEASURES[span].marks;
  const every = (width > WIDE ? close : far) * 60_000;
  const format = new Intl.DateTimeFormat(locale.value, MEASURES[span].label);
  return series.flatMap(({ from }, index) => {
    const at = new Date(from);
    const local = +at - at.getTimezoneOffset() * 60_000;
    const round = Math.ceil(local / every) * every;
    const isIn = round - local < minutesEach * 60_000;
    return isIn ? [{ index, words: format.format(+at + round - local) }] : [];
  });
}
