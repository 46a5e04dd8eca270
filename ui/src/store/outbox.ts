/**
 * The outbox: changes in the order they were made, until the server has taken each.
 *
 * Nothing here is lost by a reload, a crash or a dead line, and nothing is done twice: what makes a todo carries a
 * key that the server knows again, what changes one says which edit it was made on. One tab sends at a time.
 */
import { signal } from "@preact/signals";
import { call, Failure } from "../api";
import { CHANGES_MAX, type EditResult, type Todo, type Values } from "../types";
import { forgetOperation, isKept, keepOperation, readOutbox } from "./database";
import { acknowledge, sync } from "./mirror";

/** A todo: its id, or the key of one that the server has not made yet. */
export type Target = number | string;

export interface Item {
  target: Target;
  /** The todo as it was when the change was made: what the server is asked to change. */
  base: Todo;
  values: Partial<Values>;
  deleted: boolean;
}

/** Why an operation waits for a person. */
export type Trouble =
  | { kind: "refused"; words: string; status: number; field: string | null }
  /** Somebody else changed the same; `theirs` is how it is now. */
  | { kind: "changed"; theirs: Todo }
  /** Somebody else deleted it. */
  | { kind: "gone" };

export interface Operation {
  /** Its place in the outbox; absent until it is kept. */
  position?: number;
  id: string;
  create?: { key: string; values: Values; madeAt: string };
  items?: Item[];
  /** Not sent before this moment, so that it can still be undone; milliseconds since 1970. */
  heldUntil?: number;
  trouble?: Trouble;
  /** How often the server answered with a fault of its own. */
  faults?: number;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** After so many times 500, an operation steps aside, and waits for a person instead of holding up the others. */
const FAULTS_MAX = 6;
/** So long before its time is over, what is held counts as sent. */
const HELD_MARGIN_MS = 200;
const KEEPALIVE_BYTES = 60_000;

/** Everything that waits, in order; those with `trouble` wait for a person. */
export const outbox = signal<Operation[]>([]);

/** What keeps the outbox from being sent, null while nothing does. */
export const obstacle = signal<{ failure: Failure; nextTryAt: number } | null>(null);

/** Ids that todos got which were made here, by their key: a row stays the same row. */
export const idsByKey = signal<ReadonlyMap<string, number>>(new Map());

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("taskoverflow-outbox") : null;
const keeping = new Map<string, Promise<void>>();

/** Take in an operation: shown at once, kept, and sent as soon as may be. */
export function enqueue(operation: Operation): void {
  outbox.value = [...outbox.value, operation];
  void keep(operation).then(() => {
    channel?.postMessage("changed");
    void send();
  });
}

/** Take an operation back; false when it is on its way already, or may be, from another tab. */
export function takeBack(id: string): boolean {
  const operation = outbox.value.find((one) => one.id === id);
  if (!operation || sending === id) return false;
  const isStuck = operation.trouble || operation.items?.some((item) => typeof item.target === "string");
  if (!isStuck && (operation.heldUntil ?? 0) < Date.now() + HELD_MARGIN_MS) return false;
  void forget(operation);
  return true;
}

/** Give up an operation that stepped aside, and what was changed of a todo that it would have made. */
export function discard(id: string): void {
  const doomed = outbox.value.find((one) => one.id === id);
  if (!doomed) return;
  const key = doomed.create?.key;
  for (const operation of outbox.value) {
    if (operation === doomed || (key && operation.items?.some((item) => item.target === key))) void forget(operation);
  }
}

/** Send an operation again that stepped aside, over what is on the server now when it was a conflict. */
export function insist(id: string): void {
  change(id, (operation) => {
    const { trouble, faults: _, ...rest } = operation;
    if (trouble?.kind === "changed" && rest.items) {
      rest.items = rest.items.map((item) => ({ ...item, base: trouble.theirs }));
    }
    return rest;
  });
  void send({ now: true });
}

/** Read what other tabs, or an earlier visit, left to be sent. */
export async function load(): Promise<void> {
  const kept = await readOutbox();
  const known = new Set(kept.map((operation) => operation.id));
  const unkept = outbox.value.filter((operation) => operation.position === undefined && !known.has(operation.id));
  outbox.value = [...kept, ...unkept];
}

let sending: string | null = null;
let running: Promise<void> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let pause = FIRST_PAUSE_MS;

/** Send what can be sent, in order, until the outbox is empty or the line is down. `now`: whatever pause is under way. */
export async function send({ now = false } = {}): Promise<void> {
  if (obstacle.value && !now && Date.now() < obstacle.value.nextTryAt) return;
  if (running) return running;
  clearTimeout(timer);
  running = alone(async () => {
    await load(); // another tab may have sent some of it
    for (let next = sendable(); next; next = sendable()) {
      try {
        sending = next.id;
        await keeping.get(next.id);
        await sendOne(latest(next));
        pause = FIRST_PAUSE_MS;
        obstacle.value = null;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (!stepAside(next, error)) break;
      } finally {
        sending = null;
      }
    }
  });
  try {
    await running;
  } finally {
    running = null;
  }
  if (!obstacle.value && sendable()) return send(); // came when the last one had just been sent
  scheduleHeld();
}

/** Run it while no other tab does. Without locks (an address without TLS) tabs may send the same: that does no harm. */
function alone(work: () => Promise<void>): Promise<void> {
  return navigator.locks ? navigator.locks.request("taskoverflow-outbox", work) : work();
}

function sendable(): Operation | undefined {
  const now = Date.now();
  return outbox.value.find(
    (operation) =>
      !operation.trouble &&
      (operation.heldUntil ?? 0) <= now &&
      // A key is of a todo that the server has not made: that comes first, and may wait for a person.
      operation.items?.every((item) => typeof item.target === "number") !== false,
  );
}

function latest(operation: Operation): Operation {
  return outbox.value.find((one) => one.id === operation.id) ?? operation;
}

/** Whether the next operation may be tried: this one steps aside for a person, or all wait for the line. */
function stepAside(operation: Operation, failure: Failure): boolean {
  // Any other failure is of the line, or of all that is sent: 503 is said by a server that is busy or starting.
  const isFault = failure.status === 500;
  const faults = (operation.faults ?? 0) + (isFault ? 1 : 0);
  if (!failure.passes || faults >= FAULTS_MAX) {
    change(operation.id, (one) => ({
      ...one,
      faults: 0,
      trouble: { kind: "refused", words: failure.message, status: failure.status, field: failure.field },
    }));
    obstacle.value = null;
    return true;
  }
  if (isFault) change(operation.id, (one) => ({ ...one, faults }));
  const wait = Math.max(
    pause * (0.75 + Math.random() / 2),
    Math.min((failure.retryAfter ?? 0) * 1_000, LONGEST_PAUSE_MS),
  );
  pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  obstacle.value = { failure, nextTryAt: Date.now() + wait };
  clearTimeout(timer);
  timer = setTimeout(() => send({ now: true }), wait);
  return false;
}

/** Operations that are held for an undo are sent when their time is over. */
function scheduleHeld(): void {
  if (obstacle.value) return;
  const times = outbox.value.filter((one) => !one.trouble && one.heldUntil).map((one) => one.heldUntil ?? 0);
  if (!times.length) return;
  clearTimeout(timer);
  timer = setTimeout(send, Math.max(0, Math.min(...times) - Date.now()) + 5);
}

async function sendOne(operation: Operation): Promise<void> {
  if (operation.create) await sendCreate(operation, operation.create);
  else if (operation.items) await sendItems(operation, operation.items);
}

async function sendCreate(operation: Operation, { key, values }: NonNullable<Operation["create"]>): Promise<void> {
  const made = await call<Todo>("POST", "todos", values, { headers: { "Idempotency-Key": key } });
  idsByKey.value = new Map(idsByKey.value).set(key, made.id);
  acknowledge([made]);
  // What waits for this todo learns its id before this operation is forgotten: a crash in between sends it again.
  await rebase(key, made);
  await forget(operation);
  void sync();
}

async function sendItems(operation: Operation, items: Item[]): Promise<void> {
  const sent = items.slice(0, CHANGES_MAX);
  const results = await call<EditResult[]>("PATCH", "todos", sent.map(itemJson));
  const done: Todo[] = [];
  const gone: number[] = [];
  const again: Item[] = items.slice(CHANGES_MAX);
  const aside: Operation[] = [];
  for (const [index, item] of sent.entries()) {
    const result = results[index];
    if (!result) continue;
    const { todo } = result;
    if (result.status === 200 && todo) {
      if (item.deleted) gone.push(todo.id);
      else done.push(todo);
    } else if (result.status === 409 && todo) {
      if (isAsWanted(item, todo)) done.push(todo);
      else if (isUntouched(item, todo)) again.push({ ...item, base: todo });
      else aside.push({ id: newId(), items: [item], trouble: { kind: "changed", theirs: todo } });
    } else if (!item.deleted) {
      aside.push({ id: newId(), items: [item], trouble: { kind: "gone" } });
      gone.push(result.id);
    } else {
      gone.push(result.id);
    }
  }
  acknowledge(done, gone);
  for (const todo of done) await rebase(todo.id, todo);
  for (const one of aside) {
    outbox.value = [...outbox.value, one];
    await keep(one);
  }
  if (again.length) change(operation.id, (one) => ({ ...one, items: again }));
  else await forget(operation);
  await keeping.get(operation.id);
  void sync();
}

function itemJson({ target, base, values, deleted }: Item): object {
  const id = target;
  return deleted ? { id, deleted, if_sequence: base.sequence } : { id, ...values, if_sequence: base.sequence };
}

/** Whether the todo is already as the change wants it: it was made before, and its answer was lost. */
function isAsWanted({ values, deleted }: Item, todo: Todo): boolean {
  return !deleted && Object.entries(values).every(([name, value]) => isSame(name as keyof Values, value, todo));
}

/** Whether somebody changed only other fields than this change does. */
function isUntouched({ base, values, deleted }: Item, todo: Todo): boolean {
  const names = deleted ? (Object.keys(FIELDS) as (keyof Values)[]) : (Object.keys(values) as (keyof Values)[]);
  return names.every((name) => isSame(name, base[name], todo));
}

const FIELDS: Record<keyof Values, true> = {
  title: true,
  description: true,
  completed: true,
  deadline_at: true,
  priority: true,
  tags: true,
};

function isSame(name: keyof Values, value: unknown, todo: Todo): boolean {
  return JSON.stringify(value ?? null) === JSON.stringify(todo[name] ?? null);
}

/** Changes that wait and were made on a todo of before are made on this one. */
async function rebase(target: Target, todo: Todo): Promise<void> {
  const keys = [target, ...(typeof target === "number" ? [] : [todo.id])];
  for (const operation of outbox.value) {
    if (operation.trouble || !operation.items?.some((item) => keys.includes(item.target))) continue;
    if (operation.id === sending) continue;
    change(operation.id, (one) => ({
      ...one,
      items: (one.items ?? []).map((item) =>
        keys.includes(item.target) ? { ...item, target: todo.id, base: todo } : item,
      ),
    }));
    await keeping.get(operation.id);
  }
}

function change(id: string, edit: (operation: Operation) => Operation): void {
  outbox.value = outbox.value.map((operation) => {
    if (operation.id !== id) return operation;
    const edited = edit(operation);
    void keep(edited);
    return edited;
  });
}

/** Keep it, after whatever of it is being kept. */
function keep(operation: Operation): Promise<void> {
  const { id } = operation;
  const kept = (keeping.get(id) ?? Promise.resolve()).then(async () => {
    const known = outbox.value.find((one) => one.id === id);
    if (!known) return; // forgotten meanwhile
    const position = known.position ?? operation.position;
    const found = await keepOperation(position === undefined ? operation : { ...operation, position });
    if (found !== null && position === undefined) {
      outbox.value = outbox.value.map((one) => (one.id === id ? { ...one, position: found } : one));
    }
  });
  keeping.set(id, kept);
  return kept;
}

async function forget(operation: Operation): Promise<void> {
  const { id } = operation;
  await keeping.get(id);
  const position = outbox.value.find((one) => one.id === id)?.position ?? operation.position;
  outbox.value = outbox.value.filter((one) => one.id !== id);
  keeping.delete(id);
  if (position !== undefined) await forgetOperation(position);
  channel?.postMessage("changed");
}

/** On the way out: what is held for an undo is sent now, the browser sees to it; it is forgotten when next opened. */
function flush(): void {
  for (const operation of outbox.value) {
    if (operation.trouble || !operation.heldUntil || !operation.items || operation.id === sending) continue;
    if (operation.items.some((item) => typeof item.target === "string")) continue;
    const content = operation.items.slice(0, CHANGES_MAX).map(itemJson);
    if (JSON.stringify(content).length > KEEPALIVE_BYTES) continue; // stays in the outbox for the next visit
    operation.heldUntil = 0; // whoever comes back to the page as it was can no longer take it back
    call("PATCH", "todos", content, { keepalive: true }).catch(() => undefined);
  }
}

/** Begin: read what waits, send it, and again whenever the line comes back. */
export async function start(): Promise<void> {
  channel?.addEventListener("message", () => void load().then(scheduleHeld));
  addEventListener("online", () => void send({ now: true }));
  addEventListener("pagehide", flush);
  addEventListener("beforeunload", (event) => {
    if (!isKept && outbox.value.length) event.preventDefault(); // nothing would remember them
  });
  await load();
  await send({ now: true });
}

/** Ids need no TLS, unlike `crypto.randomUUID`. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
