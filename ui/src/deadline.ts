/**
 * Deadlines: what the API writes, and what a reader sees and types. Pure.
 *
 * A deadline is a whole day, a local time (the reader's clock reading, or the list's zone's when it has one), or an
 * instant. What is shown is always the reader's own zone; a kind stays what it was when it is edited.
 */

export type Kind = "date" | "local" | "instant";

/** A date and, unless it is a whole day, a time, as the reader's clock shows them: `2026-05-01`, `10:00`. */
export interface Reading {
  day: string;
  time: string | null;
}

export function kindOf(text: string): Kind {
  if (text.length === 10) return "date";
  return text.endsWith("Z") ? "instant" : "local";
}

/** The moment of a deadline, milliseconds since 1970. A whole day's is its end: it is overdue when the day is over. */
export function momentOf(text: string, listZone: string | null): number {
  switch (kindOf(text)) {
    case "date":
      return +new Date(Number(text.slice(0, 4)), Number(text.slice(5, 7)) - 1, Number(text.slice(8, 10)) + 1);
    case "instant":
      return Date.parse(text);
    case "local":
      return listZone === null ? Date.parse(text) : momentIn(text, listZone);
  }
}

/** What the reader's clock shows at a deadline. A local one without a zone is its own reading, also in a gap. */
export function readingOf(text: string, listZone: string | null): Reading {
  if (text.length === 10) return { day: text, time: null };
  if (kindOf(text) === "local" && listZone === null) return { day: text.slice(0, 10), time: text.slice(11, 16) };
  const at = new Date(momentOf(text, listZone));
  return { day: dayOf(at), time: timeOf(at) };
}

/**
 * The deadline that the reader means by a reading. `before` is the one that is edited: an instant stays an instant,
 * everything else becomes a local time.
 */
export function deadlineOf({ day, time }: Reading, listZone: string | null, before: string | null = null): string {
  if (time === null) return day;
  const text = `${day}T${time}:00`;
  if (before !== null && kindOf(before) === "instant") return new Date(text).toISOString().replace(".000Z", "Z");
  if (listZone === null) return text;
  return clockIn(+new Date(text), listZone);
}

/** `2026-05-01` of a moment, on the reader's clock. */
export function dayOf(at: Date): string {
  return `${String(at.getFullYear()).padStart(4, "0")}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

/** `10:00` of a moment, on the reader's clock. */
export function timeOf(at: Date): string {
  return `${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

/** The time that calendars show instead when the reading's is skipped on that day, as clocks go forward; else null. */
export function skippedTo({ day, time }: Reading): string | null {
  if (time === null) return null;
  const shown = timeOf(new Date(`${day}T${time}:00`));
  return shown === time ? null : shown;
}

/** What the clock shows in a zone, as a local deadline. */
function clockIn(moment: number, zone: string): string {
  const parts = Object.fromEntries(
    clock(zone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.year?.padStart(4, "0")}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}`;
}

/** The moment at which the clock of a zone shows a local deadline; in a gap, as if the clock had not gone forward. */
function momentIn(text: string, zone: string): number {
  const asUtc = Date.parse(`${text}Z`);
  const offsetAt = (moment: number) => Date.parse(`${clockIn(moment, zone)}Z`) - moment;
  const day = 86_400_000;
  const earlier = asUtc - offsetAt(asUtc - day);
  if (offsetAt(earlier) === offsetAt(asUtc - day)) return earlier;
  const later = asUtc - offsetAt(asUtc + day);
  return offsetAt(later) === offsetAt(asUtc + day) ? later : earlier;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clock(zone: string): Intl.DateTimeFormat {
  let found = clocks.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    clocks.set(zone, found);
  }
  return found;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
