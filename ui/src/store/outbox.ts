/**
 * The outbox: changes in the order they were made, until the server has taken each.
 *
 * What is in it is shown at once, kept by the browser, and known to all tabs. Knows nothing of how it is sent.
 */
import { signal } from "@preact/signals";
import { CHANGES_MAX } from "../types";
import { call } from "../api";
import { isKept, keepOperation, readOutbox, settleOperation } from "./database";
import { isUnresolved, itemJson, type Operation, rebased, resolved, type Target } from "./operations";
import type { Todo } from "../types";

/** How long a change can be held back, for an undo. Longer, and the clock was set. */
const HELD_MAX_MS = 20_000;
/** So long before its time is over, what is held counts as sent: another tab may be about to. */
const HELD_MARGIN_MS = 200;
/** A request that outlives its page has at most so much. */
const KEEPALIVE_OCTETS = 60_000;

/** Everything that waits, in order; those with `trouble` wait for a person. */
export const outbox = signal<Operation[]>([]);

/** Ids that todos got which were made here, by their key: a row stays the same row. */
export const idsByKey = signal<ReadonlyMap<string, number>>(new Map());

/** The id of the operation that is on its way. */
export const sending = signal<string | null>(null);

/** Called when there is something to send. */
let wake: () => void = () => undefined;

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("taskoverflow-outbox") : null;
const keeping = new Map<string, Promise<void>>();
/** Grows with each change made here, so that what is read meanwhile is known to be old. */
let generation = 0;
/** Made by this tab, which alone sends what is held when it is left: another's undo is not to be cut short. */
const own = new Set<string>();
/** Sent on the way out: who comes back to the page as it was can no longer take it back. */
const flushed = new Set<string>();

function set(operations: Operation[]): void {
  generation += 1;
  outbox.value = operations;
}

/** Take in an operation: shown at once, kept, and sent as soon as may be. */
export function enqueue(operation: Operation): void {
  own.add(operation.id);
  set([...outbox.value, resolved(operation, idsByKey.value)]);
  void keep(operation.id).then(() => {
    channel?.postMessage("changed");
    wake();
  });
}

/** Take an operation back; false when it is on its way already, or may be. */
export function takeBack(id: string): boolean {
  const operation = find(id);
  if (!operation || sending.value === id || flushed.has(id)) return false;
  if (!operation.trouble && !isUnresolved(operation) && !isHeld(operation, HELD_MARGIN_MS)) return false;
  void settle(operation);
  return true;
}

/** Give up an operation that stepped aside, and what was changed of a todo that it would have made. */
export function discard(id: string): void {
  const key = find(id)?.create?.key;
  for (const operation of outbox.value) {
    if (operation.id === id || (key && operation.items?.some((item) => item.target === key))) void settle(operation);
  }
}

/** Send an operation again that stepped aside, over what is on the server now, to the installation that is there now. */
export function insist(id: string, installation: string | null): void {
  change(id, ({ trouble, faults: _, wasSent: __, ...operation }) => ({
    ...operation,
    installation,
    ...(trouble?.kind === "changed" && operation.items
      ? { items: operation.items.map((item) => ({ ...item, base: trouble.theirs })) }
      : {}),
  }));
  wake();
}

/** Whether an operation is held back for an undo, and will be for so much longer. */
export function isHeld({ heldUntil = 0 }: Operation, longer = 0): boolean {
  const left = heldUntil - Date.now();
  return left > longer && left <= HELD_MAX_MS;
}

/** The next to be sent. */
export function sendable(): Operation | undefined {
  // A key is of a todo that the server has not made: that comes first, and may wait for a person.
  return outbox.value.find((operation) => !operation.trouble && !isHeld(operation) && !isUnresolved(operation));
}

export function find(id: string): Operation | undefined {
  return outbox.value.find((operation) => operation.id === id);
}

/** Change an operation where it stands, and keep it so. */
export function change(id: string, edit: (operation: Operation) => Operation): Promise<void> {
  set(outbox.value.map((operation) => (operation.id === id ? edit(operation) : operation)));
  return keep(id);
}

/** Changes that wait are made on todos as the server has them now. */
export async function rebase(todos: ReadonlyMap<Target, Todo>): Promise<void> {
  const changed: string[] = [];
  set(
    outbox.value.map((operation) => {
      if (operation.trouble || operation.id === sending.value) return operation;
      const after = rebased(operation, todos);
      if (after !== operation) changed.push(operation.id);
      return after;
    }),
  );
  await Promise.all(changed.map(keep));
}

/** An operation is over. `leaves` stay behind, waiting for a person; `made` is the todo that it made. */
export async function settle(
  { id }: Operation,
  leaves: Operation[] = [],
  made: { key: string; id: number } | null = null,
): Promise<void> {
  await keeping.get(id);
  const position = find(id)?.position;
  if (made) idsByKey.value = new Map(idsByKey.value).set(made.key, made.id);
  set([...outbox.value.filter((operation) => operation.id !== id), ...leaves]);
  keeping.delete(id);
  await settleOperation(position, leaves, made ? [...idsByKey.value] : null);
  if (leaves.length) await load(); // for their positions
  channel?.postMessage("changed");
}

/** Read what other tabs, or an earlier visit, left to be sent. */
export async function load(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await Promise.all(keeping.values());
    const before = generation;
    const kept = await readOutbox();
    if (!kept) return;
    if (before !== generation) continue; // changed here while it was read
    idsByKey.value = new Map([...kept.made, ...idsByKey.value]);
    const known = new Set(kept.operations.map((operation) => operation.id));
    const unkept = outbox.value.filter((operation) => operation.position === undefined && !known.has(operation.id));
    outbox.value = [...kept.operations, ...unkept].map((operation) => resolved(operation, idsByKey.value));
    return;
  }
}

/** Keep an operation as it is now, after whatever of it is being kept. */
function keep(id: string): Promise<void> {
  const kept = (keeping.get(id) ?? Promise.resolve()).then(async () => {
    const operation = find(id);
    if (!operation) return; // over meanwhile
    const position = await keepOperation(operation);
    if (position === null || find(id)?.position !== undefined) return;
    outbox.value = outbox.value.map((one) => (one.id === id ? { ...one, position } : one));
  });
  keeping.set(id, kept);
  return kept;
}

/** On the way out: what is held for an undo is sent now, the browser sees to it; it is forgotten when next opened. */
function flush(): void {
  for (const operation of outbox.value) {
    if (!own.has(operation.id) || !operation.items || !isHeld(operation) || operation.trouble) continue;
    const content = operation.items.slice(0, CHANGES_MAX).map(itemJson);
    if (isUnresolved(operation) || JSON.stringify(content).length > KEEPALIVE_OCTETS) continue; // for the next visit
    flushed.add(operation.id);
    call("PATCH", "todos", content, { keepalive: true }).catch(() => undefined);
  }
}

/** Begin: `wake` is called whenever there may be something to send. */
export async function start(onWake: () => void): Promise<void> {
  wake = onWake;
  channel?.addEventListener("message", () => void load().then(wake));
  addEventListener("pagehide", flush);
  addEventListener("beforeunload", (event) => {
    if (!isKept.value && outbox.value.length) event.preventDefault(); // nothing would remember them
  });
  await load();
  wake();
}
