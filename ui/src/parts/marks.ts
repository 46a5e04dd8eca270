/** The times that are written below a picture: round ones on the reader's clock, in the reader's locale. */
import { locale } from "../texts";
import type { Mark } from "./lanes";

/** From so much room on, pixels, there is room for the closer marks. */
export const WIDE = 480;

/** The columns in which a round local time begins, every so many milliseconds. `starts`: when each column begins. */
export function marksOf(starts: number[], stepMs: number, everyMs: number, label: Intl.DateTimeFormatOptions): Mark[] {
  const format = new Intl.DateTimeFormat(locale.value, label);
  return starts.flatMap((at, index) => {
    const local = at - new Date(at).getTimezoneOffset() * 60_000;
    const round = Math.ceil(local / everyMs) * everyMs;
    return round - local < stepMs ? [{ index, words: format.format(at + round - local) }] : [];
  });
}
