/** What waits to be sent, and what the server's answers mean for it. Pure. */
import type { EditResult, Todo, Values } from "../types";

/** A todo: its id, or the key of one that the server has not made yet. */
export type Target = number | string;

/** A change of one todo. */
export interface Item {
  target: Target;
  /** The todo as it was shown when the change was made, on which the server is asked to make it. */
  base: Todo;
  values: Partial<Values>;
  deleted: boolean;
}

/** Why an operation waits for a person. */
export type Trouble =
  /** The server said no, or had a fault of its own again and again. */
  | { kind: "refused"; words: string; status: number; field: string | null }
  /** Somebody else changed the same; `theirs` is how it is now. */
  | { kind: "changed"; theirs: Todo }
  /** Somebody else deleted it. */
  | { kind: "gone" }
  /** It was meant for other tasks, which were at this address before. */
  | { kind: "elsewhere" };

export interface Operation {
  id: string;
  /** Its place in the outbox; absent until it is kept. */
  position?: number;
  /** The installation it is meant for; null when none was known. */
  installation: string | null;
  create?: { key: string; values: Values; madeAt: string; line?: string };
  items?: Item[];
  /** Not sent before this moment, so that it can still be undone; milliseconds since 1970. */
  heldUntil?: number;
  /** Whether it was sent before, and the answer may have been lost. */
  wasSent?: boolean;
  /** How often the server answered with a fault of its own. */
  faults?: number;
  trouble?: Trouble;
}

const FIELDS = ["title", "description", "completed", "deadline_at", "priority", "tags"] as const;

/** What became of an item. */
export type Outcome =
  | { kind: "done"; todo: Todo }
  | { kind: "deleted"; id: number }
  | { kind: "again"; item: Item }
  | { kind: "aside"; trouble: Trouble };

/** What an answer means. `wasSent`: the item may have been done by an earlier request whose answer was lost. */
export function outcomeOf(item: Item, { id, status, error, todo }: EditResult, wasSent: boolean): Outcome {
  if (status === 404) return item.deleted ? { kind: "deleted", id } : { kind: "aside", trouble: { kind: "gone" } };
  if (status === 200 && todo) return item.deleted ? { kind: "deleted", id } : { kind: "done", todo };
  if (status !== 409 || !todo) {
    return { kind: "aside", trouble: { kind: "refused", words: error ?? "", status, field: null } };
  }
  if (!item.deleted && haveSame(item.values, todo, wanted(item))) return { kind: "done", todo };
  // Two edits or more since: the first may have been this one, and the next somebody who took it back.
  const mayHaveBeenUndone = wasSent && todo.sequence > item.base.sequence + 1;
  if (!mayHaveBeenUndone && haveSame(item.base, todo, wanted(item))) return { kind: "again", item: onto(item, todo) };
  return { kind: "aside", trouble: { kind: "changed", theirs: todo } };
}

/**
 * The operation with its items made on todos as the server has them now, by their target; the same operation when
 * none is among them. Where somebody changed what an item changes it stays made on the old one, and its answer will
 * say so.
 */
export function rebased(operation: Operation, todos: ReadonlyMap<Target, Todo>): Operation {
  if (!operation.items?.some((item) => todos.has(item.target))) return operation;
  const items = operation.items.map((item) => {
    const todo = todos.get(item.target);
    if (!todo) return item;
    if (haveSame(item.base, todo, wanted(item))) return onto(item, todo);
    return { ...item, target: todo.id, base: { ...item.base, id: todo.id } };
  });
  return { ...operation, items };
}

/** The operation, with ids for the keys of todos that the server has made. */
export function resolved(operation: Operation, ids: ReadonlyMap<string, number>): Operation {
  if (!operation.items?.some(({ target }) => typeof target === "string" && ids.has(target))) return operation;
  const items = operation.items.map((item) => {
    const id = typeof item.target === "string" ? ids.get(item.target) : undefined;
    return id === undefined ? item : { ...item, target: id, base: { ...item.base, id } };
  });
  return { ...operation, items };
}

/** Whether it waits for a todo to be made. */
export function isUnresolved({ items }: Operation): boolean {
  return items?.some(({ target }) => typeof target === "string") ?? false;
}

/** An item as the API takes it. */
export function itemJson({ target, base, values, deleted }: Item): object {
  const change = deleted ? { deleted } : values;
  return { id: target, ...change, if_sequence: base.sequence };
}

function onto(item: Item, todo: Todo): Item {
  return { ...item, target: todo.id, base: todo };
}

/** The fields that a change is about: all of them for a deletion, which nobody wants of a todo that says other things. */
function wanted({ values, deleted }: Item): readonly (keyof Values)[] {
  return deleted ? FIELDS : (Object.keys(values) as (keyof Values)[]);
}

function haveSame(one: Partial<Values>, other: Partial<Values>, names: readonly (keyof Values)[]): boolean {
  return names.every((name) => JSON.stringify(one[name] ?? null) === JSON.stringify(other[name] ?? null));
}

/** A new random id. Needs no TLS, unlike `crypto.randomUUID`. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
