/** Figures, times and lengths of time in words. */
import { locale, number, texts } from "../texts";

/** What stands where nothing is known. */
export const UNKNOWN = "–";

const PARTS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** `4 days`, `1 hour 30 minutes`, `0 seconds`: the two largest parts. */
export function durationWords(seconds: number, unitDisplay: "long" | "short" = "long"): string {
  let rest = Math.round(seconds);
  const words: string[] = [];
  for (const [unit, length] of PARTS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count || (unit === "second" && !words.length)) {
      words.push(new Intl.NumberFormat(locale.value, { style: "unit", unit, unitDisplay }).format(count));
    }
  }
  return words.slice(0, 2).join(" ");
}

export function countWords(value: number | null): string {
  return value === null ? UNKNOWN : number(value);
}

export function switchWords(value: boolean | null): string {
  const t = texts.value.queues;
  return value === null ? UNKNOWN : value ? t.yes : t.no;
}

/** What the server calls so is not translated, but that there is none. */
export function encryptionWords(value: string | null): string {
  if (value === null) return UNKNOWN;
  return value === "Disabled" ? texts.value.queues.unencrypted : value;
}

export function dateWords(text: string, options: Intl.DateTimeFormatOptions = {}): string {
  return new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short", ...options }).format(
    new Date(text),
  );
}

export function bytesWords(bytes: number): string {
  return new Intl.NumberFormat(locale.value, { style: "unit", unit: "byte", unitDisplay: "long" }).format(bytes);
}
