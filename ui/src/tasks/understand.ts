/** What a line says: a title, and the date, tags and priority in it. Dates are read by chrono, loaded when first needed. */
import type { ParsedResult } from "chrono-node";
import type { Reading } from "../deadline";
import { TAG_MAX } from "../types";

export interface Understood {
  title: string;
  when: Reading | null;
  /** The part of the line that was read as a date. */
  whenText: string | null;
  tags: string[];
  priority: number;
}

/** All results that a language finds in a text, each never in the past where that is open. */
export type FindDates = (text: string, now: Date) => ParsedResult[];

// Not a number alone: "Order #5" is a title.
const TAG = new RegExp(`(?:^|\\s)#(?!\\d+(?:\\s|$))([^\\s#]{1,${TAG_MAX}})(?=\\s|$)`, "gu");
/** Words that only lead to a date, and mean nothing without it. */
const LEADING = /(?:^|\s)(?:by|on|at|due|until|before|am|bis|um|ab|vor)\s*$/iu;
/** What belongs to the word beside it: chrono's own word ends know no letters beyond a to z. */
const IN_A_WORD = /[\p{L}\p{N}\p{M}_]/u;
const PRIORITY = /(?:^|\s)!([1-9])(?=\s|$)/u;

/** What `line` says. `ignored` is a part of it that the reader does not want as a date. */
export function understand(line: string, find: FindDates | null, now: Date, ignored: string | null = null): Understood {
  const tags = [...line.matchAll(TAG)].map((match) => match[1] as string);
  const priority = Number(PRIORITY.exec(line)?.[1] ?? 0);
  const bare = line.replace(TAG, " ").replace(PRIORITY, " ");
  const found = find ? lastDate(bare, find, now, ignored) : null;
  const rest = found
    ? `${bare.slice(0, found.index).replace(LEADING, "")} ${bare.slice(found.index + found.text.length)}`
    : bare;
  const title = rest.replace(/\s+/gu, " ").trim();
  // A line that is nothing but a date is a title.
  const isDateAlone = found !== null && title === "";
  return {
    title: isDateAlone ? bare.replace(/\s+/gu, " ").trim() : title,
    when: found && !isDateAlone ? readingIn(found) : null,
    whenText: found && !isDateAlone ? found.text : null,
    tags: [...new Set(tags)],
    priority,
  };
}

/** The date that a text says as a whole, null when it says none. */
export function understandDate(text: string, find: FindDates, now: Date): Reading | null {
  const found = lastDate(text, find, now, null);
  return found ? readingIn(found) : null;
}

function lastDate(text: string, find: FindDates, now: Date, ignored: string | null): ParsedResult | null {
  const found = find(text, now).filter((result) => result.text !== ignored && isWhole(text, result));
  // The one that says most; of two that say as much the last.
  return found.reduce<ParsedResult | null>((best, one) => (best && said(best) > said(one) ? best : one), null);
}

/** Whether a result is words of their own, and not a part of one: not the "sat" of "Satélite", nor the "Sun" of "Sun-dried". */
function isWhole(text: string, { index, text: matched }: ParsedResult): boolean {
  const before = text[index - 1] ?? " ";
  const [after = " ", next = " "] = text.slice(index + matched.length);
  if (IN_A_WORD.test(before) || IN_A_WORD.test(after)) return false;
  return !(/[-'’]/u.test(after) && IN_A_WORD.test(next));
}

/** How much a result says: a day counts more than a time. */
function said({ start }: ParsedResult): number {
  const knows = (name: "day" | "weekday" | "month" | "hour") => Number(start.isCertain(name));
  return 2 * Math.max(knows("day"), knows("weekday"), knows("month")) + knows("hour");
}

function readingIn({ start }: ParsedResult): Reading {
  const part = (name: "year" | "month" | "day" | "hour" | "minute") => start.get(name) ?? 0;
  const two = (value: number) => String(value).padStart(2, "0");
  const hasTime = start.isCertain("hour");
  if (hasTime && start.isCertain("timezoneOffset")) {
    const at = start.date();
    return {
      day: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
      time: `${two(at.getHours())}:${two(at.getMinutes())}`,
    };
  }
  return {
    day: `${String(part("year")).padStart(4, "0")}-${two(part("month"))}-${two(part("day"))}`,
    time: hasTime ? `${two(part("hour"))}:${two(part("minute"))}` : null,
  };
}

/** The reader of dates in a language; English is understood besides. */
export async function loadDates(language: string): Promise<FindDates> {
  const english = await import("chrono-node/en");
  if (language !== "de") return (text, now) => english.casual.parse(text, now, { forwardDate: true });
  const german = (await import("chrono-node/de")).casual.clone();
  // chrono wants a year behind a German date.
  german.parsers.push({
    pattern: () => /(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.(?!\d)/,
    extract: (_, match) => {
      const [day, month] = [Number(match[1]), Number(match[2])];
      return day >= 1 && day <= 31 && month >= 1 && month <= 12 ? { day, month } : null;
    },
  });
  return (text, now) => [
    ...english.casual.parse(text, now, { forwardDate: true }),
    ...german.parse(text, now, { forwardDate: true }),
  ];
}
