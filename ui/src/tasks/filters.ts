/** Which tasks are shown, and in which order. */
import { computed, signal } from "@preact/signals";
import { momentOf } from "../deadline";
import { minute } from "../parts/words";
import { listZone, type Task, tasks } from "../store/tasks";
import { locale } from "../texts";
import { editedKey } from "./editing";
import { recall, remember } from "../kept";

export const FILTERS = ["all", "open", "done", "soon", "overdue"] as const;
export type Filter = (typeof FILTERS)[number];

export const SORTINGS = ["newest", "oldest", "deadline", "priority", "title"] as const;
export type Sorting = (typeof SORTINGS)[number];

/** What is due within so many days is due soon. */
const SOON_MS = 7 * 86_400_000;
const KEPT_AS = "sorting";

export const filter = signal<Filter>("all");
export const tag = signal<string | null>(null);
export const search = signal("");
export const sorting = signal<Sorting>(SORTINGS.find((one) => one === recall(KEPT_AS)) ?? "newest");

export function chooseSorting(chosen: Sorting): void {
  sorting.value = chosen;
  remember(KEPT_AS, chosen);
}

/** The moment of a task's deadline, Infinity without one. Each deadline is read once. */
export function dueAt({ deadline_at }: Task): number {
  if (deadline_at === null) return Number.POSITIVE_INFINITY;
  const zone = listZone.value;
  if (zone !== zoneOfMoments) {
    moments.clear();
    zoneOfMoments = zone;
  }
  let moment = moments.get(deadline_at);
  if (moment === undefined) {
    moment = momentOf(deadline_at, zone);
    moments.set(deadline_at, moment);
  }
  return moment;
}

const moments = new Map<string, number>();
let zoneOfMoments: string | null = null;

export function isOverdue(task: Task): boolean {
  return !task.completed && task.deadline_at !== null && dueAt(task) <= minute.value;
}

function matches(task: Task, wanted: Filter): boolean {
  switch (wanted) {
    case "all":
      return true;
    case "open":
      return !task.completed;
    case "done":
      return task.completed;
    case "soon": {
      const due = dueAt(task);
      return !task.completed && due > minute.value && due <= minute.value + SOON_MS;
    }
    case "overdue":
      return isOverdue(task);
  }
}

/** How many tasks each filter shows, with the tag and the search left aside. */
export const counts = computed(() => {
  const found: Record<Filter, number> = { all: 0, open: 0, done: 0, soon: 0, overdue: 0 };
  for (const task of tasks.value) {
    for (const name of FILTERS) if (matches(task, name)) found[name] += 1;
  }
  return found;
});

/** The tasks that are shown, in order. */
export const shown = computed<Task[]>(() => {
  const [wanted, label, words] = [filter.value, tag.value, search.value.trim().toLocaleLowerCase()];
  const edited = editedKey.value; // stays, whatever it becomes: somebody types in it
  const found = tasks.value.filter(
    (task) =>
      task.key === edited ||
      (matches(task, wanted) &&
        (label === null || task.tags.includes(label)) &&
        (words === "" ||
          task.title.toLocaleLowerCase().includes(words) ||
          task.tags.some((name) => `#${name.toLocaleLowerCase()}`.includes(words)) ||
          (task.description?.toLocaleLowerCase().includes(words) ?? false))),
  );
  return sorted(found);
});

function sorted(found: Task[]): Task[] {
  switch (sorting.value) {
    case "newest":
      return found;
    case "oldest":
      return found.reverse();
    case "deadline":
      return found.sort((a, b) => compare(dueAt(a), dueAt(b)));
    case "priority":
      return found.sort((a, b) => compare(a.priority || 10, b.priority || 10) || compare(dueAt(a), dueAt(b)));
    case "title": {
      const { compare } = new Intl.Collator(locale.value, { numeric: true });
      return found.sort((a, b) => compare(a.title, b.title));
    }
  }
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b; // Infinity minus itself is no number
}
