/** Sizes in words, in SI's units. */
import { locale } from "../texts";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** `412 bytes`, `1.2 kB`, `95 MB`: two figures at least, where there are any. */
export function sizeWords(bytes: number): string {
  let power = 0;
  let value = bytes;
  for (; value >= 999.5 && power < UNITS.length - 1; power += 1) value /= 1_000;
  return new Intl.NumberFormat(locale.value, {
    style: "unit",
    unit: UNITS[power] as string,
    unitDisplay: power ? "short" : "long",
    maximumFractionDigits: power && value < 9.95 ? 1 : 0,
  }).format(value);
}
