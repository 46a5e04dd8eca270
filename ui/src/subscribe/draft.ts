/** A feed's values as its form holds them, and back. Pure. */
import type { FeedValues } from "./feeds";

export const UNITS = ["minutes", "hours", "days"] as const;
export type Unit = (typeof UNITS)[number];

const MINUTES: Record<Unit, number> = { minutes: 1, hours: 60, days: 1_440 };
const DAYS_MAX = 36_500;
const ALARM_MINUTES_MAX = 40_320;

/** Texts as they are typed; an empty one is none. */
export interface Draft {
  name: string;
  completed: "all" | "open" | "done";
  text: string;
  past_days: string;
  future_days: string;
  finished: FeedValues["finished"];
  finished_days: string;
  show_as: FeedValues["show_as"];
  all_day: boolean;
  alarm_minutes: string;
  alarm_unit: Unit;
  busy_only: boolean;
  color: string;
}

/** A field whose content is no number that it takes. */
export type NumberField = "past_days" | "future_days" | "finished_days" | "alarm_minutes";

/** The form of a feed; of a new one, that filters nothing, for null. */
export function draftOf(feed: FeedValues | null): Draft {
  const minutes = feed?.alarm_minutes ?? null;
  const unit = UNITS.findLast((one) => minutes !== null && minutes > 0 && minutes % MINUTES[one] === 0) ?? "minutes";
  const completed = feed?.completed ?? null;
  return {
    name: feed?.name ?? "",
    completed: completed === null ? "all" : completed ? "done" : "open",
    text: feed?.text ?? "",
    past_days: textOf(feed?.past_days),
    future_days: textOf(feed?.future_days),
    finished: feed?.finished ?? "mark",
    finished_days: textOf(feed?.finished_days),
    show_as: feed?.show_as ?? "events",
    all_day: feed?.all_day ?? false,
    alarm_minutes: minutes === null ? "" : String(minutes / MINUTES[unit]),
    alarm_unit: unit,
    busy_only: feed?.busy_only ?? false,
    color: feed?.color ?? "",
  };
}

/** The draft with only open, or only finished todos, and nothing left that contradicts that. */
export function withCompleted(draft: Draft, completed: Draft["completed"]): Draft {
  return {
    ...draft,
    completed,
    finished: completed === "done" && draft.finished === "hide" ? "mark" : draft.finished,
    finished_days: completed === "open" ? "" : draft.finished_days,
  };
}

/** The first field that holds no number that it takes; null when all is well. */
export function faultOf(draft: Draft): NumberField | null {
  const days = ["past_days", "future_days", "finished_days"] as const;
  const fault = days.find((name) => !isWithin(draft[name], DAYS_MAX));
  if (fault) return fault;
  return isWithin(draft.alarm_minutes, ALARM_MINUTES_MAX / MINUTES[draft.alarm_unit]) ? null : "alarm_minutes";
}

/** What the draft means; `faultOf` it is null. */
export function valuesOf(draft: Draft): FeedValues {
  const alarm = numberOf(draft.alarm_minutes);
  return {
    name: draft.name.trim() || null,
    completed: draft.completed === "all" ? null : draft.completed === "done",
    text: draft.text.trim() || null,
    past_days: numberOf(draft.past_days),
    future_days: numberOf(draft.future_days),
    finished: draft.finished,
    finished_days: numberOf(draft.finished_days),
    show_as: draft.show_as,
    all_day: draft.all_day,
    alarm_minutes: alarm === null ? null : alarm * MINUTES[draft.alarm_unit],
    busy_only: draft.busy_only,
    color: draft.color || null,
  };
}

/** Only what is another than before: somebody else may have changed the rest meanwhile. */
export function differenceOf(before: FeedValues, now: FeedValues): Partial<FeedValues> {
  const names = Object.keys(now) as (keyof FeedValues)[];
  return Object.fromEntries(names.filter((name) => now[name] !== before[name]).map((name) => [name, now[name]]));
}

function textOf(value: number | null | undefined): string {
  return value == null ? "" : String(value);
}

function numberOf(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}

function isWithin(text: string, most: number): boolean {
  return text.trim() === "" || (/^\d{1,6}$/.test(text.trim()) && Number(text) <= most);
}
