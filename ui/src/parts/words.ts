/** Dates in words, in the reader's locale and on the reader's clock. */
import { signal } from "@preact/signals";
import { dayOf, readingOf } from "../deadline";
import { listZone } from "../store/tasks";
import { locale } from "../texts";

/** Now, to the minute: what is overdue and what is today changes while one looks. */
export const minute = signal(Date.now());
setInterval(() => {
  minute.value = Date.now();
}, 30_000);

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale.value + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale.value, options);
    formats.set(key, found);
  }
  return found;
}

/** `today, 10:00`, `Fri, 1 May`, `1 May 2028, 10:00`. */
export function deadlineWords(text: string): string {
  const { day, time } = readingOf(text, listZone.value);
  return time === null ? dayWords(day) : `${dayWords(day)}, ${timeWords(time)}`;
}

/** A day in words: today and its neighbours by name, the year only when it is another. */
export function dayWords(day: string): string {
  const now = new Date(minute.value);
  const today = dayOf(now);
  const distance = Math.round((Date.parse(`${day}T00:00Z`) - Date.parse(`${today}T00:00Z`)) / 86_400_000);
  if (Math.abs(distance) <= 1)
    return new Intl.RelativeTimeFormat(locale.value, { numeric: "auto" }).format(distance, "day");
  // As if in UTC: no daylight-saving gap of the reader's zone can shift it.
  const at = new Date(`${day}T00:00Z`);
  const isThisYear = day.slice(0, 4) === today.slice(0, 4);
  return format({
    timeZone: "UTC",
    day: "numeric",
    month: "short",
    ...(isThisYear ? { weekday: "short" } : { year: "numeric" }),
  }).format(at);
}

function timeWords(time: string): string {
  return format({ timeZone: "UTC", timeStyle: "short" }).format(new Date(`2000-01-01T${time}Z`));
}
