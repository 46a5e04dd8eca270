/** The tasks with a deadline as the calendar's events: of a visible range only, and quick with ten thousand tasks. */
import { computed } from "@preact/signals";
import type { EventInput } from "fullcalendar";
import { dayOf, momentOf, readingOf } from "../deadline";
import { listZone, type Task, tasks } from "../store/tasks";

/** What an event carries of its task. */
export interface Carried {
  task: Task;
  isOverdue: boolean;
  /** 1 or 0, to sort by. */
  isDone: number;
}

type Dated = Task & { deadline_at: string };

/** A task's deadline has no length; its event gets one, so that it can be seen, read and touched. */
const MINUTES = 30;
/** A deadline's text may be of another day than the reader's clock shows: zones are up to 26 hours apart. */
const MARGIN_DAYS = 2;
/** More rows than that nobody reads, and no browser lays out quickly. */
export const SHOWN_MAX = 2_000;

/** All tasks with a deadline, by its text: nearly their order in time, without reading any of the times. */
export const dated = computed(() => {
  const found = tasks.value.filter((task): task is Dated => task.deadline_at !== null);
  return found.sort((a, b) => (a.deadline_at < b.deadline_at ? -1 : a.deadline_at > b.deadline_at ? 1 : 0));
});

interface Made {
  zone: string | null;
  day: string;
  moment: number;
  isOverdue: boolean;
  event: EventInput;
}

/** Events by their task: a task that stays the same keeps its event. */
const made = new WeakMap<Task, Made>();

/** The events from the first day to before the last, `SHOWN_MAX` at the most, and how many there are. */
export function eventsBetween(from: Date, to: Date, now: number): { events: EventInput[]; count: number } {
  const zone = listZone.value;
  const some = dated.value;
  const [first, end] = [dayOf(from), dayOf(to)];
  const last = shifted(to, MARGIN_DAYS);
  const events: EventInput[] = [];
  let count = 0;
  for (let index = firstAt(some, shifted(from, -MARGIN_DAYS)); index < some.length; index += 1) {
    const task = some[index] as Dated;
    if (task.deadline_at >= last) break;
    const { day, event } = eventOf(task, zone, now);
    if (day < first || day >= end) continue;
    count += 1;
    if (count <= SHOWN_MAX) events.push(event);
  }
  return { events, count };
}

function eventOf(task: Dated, zone: string | null, now: number): Made {
  const before = made.get(task);
  const known = before?.zone === zone ? before : undefined;
  const moment = known?.moment ?? momentOf(task.deadline_at, zone); // both take a while where the list has a zone
  const isOverdue = !task.completed && moment < now;
  if (known && known.isOverdue === isOverdue) return known;
  const { day, time } = readingOf(task.deadline_at, zone);
  const event: EventInput = {
    id: task.key,
    title: task.title,
    allDay: time === null,
    start: time === null ? day : `${day}T${time}`,
    ...(time === null ? {} : { end: endOf(day, time) }),
    extendedProps: { task, isOverdue, isDone: Number(task.completed) } satisfies Carried,
  };
  const fresh = { zone, day, moment, isOverdue, event };
  made.set(task, fresh);
  return fresh;
}

/** The end of a timed event, on the same day: what is due at 23:50 is not due on the next day as well. */
function endOf(day: string, time: string): string {
  const minutes = Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5)) + MINUTES;
  if (minutes >= 24 * 60) return `${shifted(new Date(`${day}T12:00`), 1)}T00:00`;
  return `${day}T${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

function shifted(at: Date, days: number): string {
  return dayOf(new Date(at.getFullYear(), at.getMonth(), at.getDate() + days));
}

/** The index of the first task that is due on that day or later, going by its deadline's text. */
function firstAt(some: Dated[], day: string): number {
  let low = 0;
  let high = some.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((some[middle] as Dated).deadline_at < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether two lists of events look the same. Tasks that wait to be sent are other objects after each step of their way. */
export function lookSame(some: EventInput[], others: EventInput[]): boolean {
  return some.length === others.length && some.every((event, index) => looksSame(event, others[index] as EventInput));
}

function looksSame(one: EventInput, other: EventInput): boolean {
  if (one === other) return true;
  const [a, b] = [one.extendedProps as Carried, other.extendedProps as Carried];
  return (
    one.id === other.id &&
    one.title === other.title &&
    one.start === other.start &&
    a.isOverdue === b.isOverdue &&
    a.isDone === b.isDone &&
    a.task.isWaiting === b.task.isWaiting
  );
}
