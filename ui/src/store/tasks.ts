/** The tasks as they are shown, the mirror with the waiting changes on top, and what a person does to them. */
import { computed } from "@preact/signals";
import type { Todo, Values } from "../types";
import { installation, list, todos } from "./mirror";
import { type Item, newId, type Operation, type Target } from "./operations";
import { enqueue, idsByKey, outbox, takeBack } from "./outbox";

/** A task as it is shown. */
export interface Task extends Todo {
  /** The same for as long as the page lives, also when the server gives the task its id. */
  key: string;
  target: Target;
  /** Whether the server has yet to take a change of it. */
  isWaiting: boolean;
}

/** How long a deletion can be undone before it is sent. */
export const UNDO_MS = 7_000;

const keysById = computed(() => new Map([...idsByKey.value].map(([key, id]) => [id, key])));

/** All tasks, the newest first. */
export const tasks = computed<Task[]>(() => {
  const known = todos.value;
  const keys = keysById.value;
  const changes = new Map<Target, Partial<Values> | null>();
  const made: Task[] = [];
  for (const operation of outbox.value) {
    if (operation.create && (!operation.trouble || operation.trouble.kind === "refused"))
      made.unshift(asMade(operation.create));
    if (operation.trouble) continue;
    for (const { target, values, deleted } of operation.items ?? []) {
      const before = changes.get(target);
      if (before !== null) changes.set(target, deleted ? null : { ...before, ...values });
    }
  }
  const shown: Task[] = [];
  for (const task of made) {
    const id = idsByKey.value.get(task.key);
    if (id !== undefined) continue; // made, and in the mirror
    push(shown, task, changes.get(task.key), true);
  }
  for (const todo of known) {
    push(shown, wrapped(todo, keys.get(todo.id)), changes.size ? changes.get(todo.id) : undefined, false);
  }
  return shown;
});

function push(shown: Task[], task: Task, change: Partial<Values> | null | undefined, isMade: boolean): void {
  if (change === undefined) shown.push(isMade ? { ...task, isWaiting: true } : task);
  else if (change !== null) shown.push({ ...task, ...change, isWaiting: true });
}

const wrappers = new WeakMap<Todo, Task>();

/** The todo as a task, the same object each time: ten thousand are looked at after every key stroke. */
function wrapped(todo: Todo, key: string | undefined): Task {
  let task = wrappers.get(todo);
  if (!task || (key !== undefined && task.key !== key)) {
    task = { ...todo, key: key ?? `t${todo.id}`, target: todo.id, isWaiting: false };
    wrappers.set(todo, task);
  }
  return task;
}

function asMade({ key, values, madeAt }: NonNullable<Operation["create"]>): Task {
  return {
    ...values,
    id: 0,
    sequence: 0,
    created_at: madeAt,
    updated_at: madeAt,
    completed_at: values.completed ? madeAt : null,
    key,
    target: key,
    isWaiting: true,
  };
}

/** All tags in use, by name. */
export const tags = computed(() =>
  [...new Set(tasks.value.flatMap((task) => task.tags))].sort((a, b) => a.localeCompare(b)),
);

/** The list's time zone, null when its deadlines float. */
export const listZone = computed(() => list.value?.time_zone ?? null);

/** Make a task; its key. `line` is what was typed, should the server refuse it. */
export function add(values: Partial<Values> & { title: string }, line?: string): string {
  const key = newId();
  enqueue({
    id: newId(),
    installation: installation.value,
    create: {
      key,
      ...(line === undefined ? {} : { line }),
      madeAt: new Date().toISOString().slice(0, -1),
      values: { description: null, completed: false, deadline_at: null, priority: 0, tags: [], ...values },
    },
  });
  return key;
}

/** Change tasks, all in one request; how to undo it, which leaves alone what somebody changed since. */
export function change(some: Task[], values: (task: Task) => Partial<Values>): () => void {
  const changes = new Map(some.map((task) => [task.key, { before: task, after: values(task) }]));
  send(some.map((task) => item(task, values(task), false)));
  return () => {
    const items: Item[] = [];
    for (const task of tasks.value) {
      const made = changes.get(task.key);
      if (!made) continue;
      const mine = Object.entries(made.after).filter(([name, value]) => isSame(task[name as keyof Values], value));
      const back = Object.fromEntries(mine.map(([name]) => [name, made.before[name as keyof Values]]));
      if (mine.length) items.push(item(task, back, false));
    }
    send(items);
  };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Delete tasks, all in one request, which is sent when it can no longer be undone; how to undo it. */
export function remove(some: Task[]): () => void {
  const id = newId();
  enqueue({
    id,
    installation: installation.value,
    items: some.map((task) => item(task, {}, true)),
    heldUntil: Date.now() + UNDO_MS,
  });
  return () => {
    if (takeBack(id)) return;
    // Too late: it is deleted. What was in it is made anew.
    for (const task of [...some].reverse()) add(valuesOf(task));
  };
}

export function valuesOf(task: Values): Values {
  const { title, description, completed, deadline_at, priority, tags } = task;
  return { title, description, completed, deadline_at, priority, tags };
}

function send(items: Item[]): void {
  if (items.length) enqueue({ id: newId(), installation: installation.value, items });
}

function item(task: Task, values: Partial<Values>, deleted: boolean): Item {
  const { key: _, target, isWaiting: __, ...base } = task;
  return { target, base, values, deleted };
}
