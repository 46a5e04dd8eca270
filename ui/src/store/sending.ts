/**
 * Sends the outbox, in order, one tab at a time.
 *
 * Nothing is done twice: what makes a todo carries a key that the server knows again, what changes one says which edit
 * it was made on, and where an answer was lost the next one is compared with what was wanted.
 */
import { signal } from "@preact/signals";
import { call, Failure } from "../api";
import { CHANGES_MAX, type EditResult, type Todo } from "../types";
import { acknowledge, doubt, failure as syncFailure, installation, isConfirmed, sync } from "./mirror";
import { type Item, itemJson, newId, type Operation, outcomeOf, type Target } from "./operations";
import { change, find, isHeld, load, outbox, rebase, sendable, sending, settle } from "./outbox";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** After so many times 500, an operation steps aside, and waits for a person instead of holding up the others. */
const FAULTS_MAX = 6;

/** What keeps the outbox from being sent, null while nothing does. */
export const obstacle = signal<{ failure: Failure; nextTryAt: number } | null>(null);

let running: Promise<void> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let pause = FIRST_PAUSE_MS;

/** Send what can be sent, until the outbox is empty or the line is down. `now`: whatever pause is under way. */
export async function send({ now = false } = {}): Promise<void> {
  if (obstacle.value && !now && Date.now() < obstacle.value.nextTryAt) return;
  if (running) return running;
  clearTimeout(timer);
  running = alone(sendAll);
  try {
    await running;
  } finally {
    running = null;
  }
  if (!obstacle.value && sendable()) return send(); // came when the last one had just been sent
  scheduleHeld();
}

/** Run it while no other tab does. Without locks (an address without TLS) tabs may send the same, and find it done. */
function alone(work: () => Promise<void>): Promise<void> {
  return navigator.locks ? navigator.locks.request("taskoverflow-outbox", work) : work();
}

async function sendAll(): Promise<void> {
  await load(); // another tab may have sent some of it
  for (let next = sendable(); next; next = sendable()) {
    try {
      sending.value = next.id;
      await confirm();
      await sendOne(next);
      pause = FIRST_PAUSE_MS;
      obstacle.value = null;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!stepAside(next, error)) break;
    } finally {
      sending.value = null;
    }
  }
  if (!outbox.value.some((operation) => !operation.trouble)) obstacle.value = null;
}

/** After a time without a line, the server at this address may be another. */
async function confirm(): Promise<void> {
  if (isConfirmed.value) return;
  await sync();
  if (!isConfirmed.value) throw syncFailure.value ?? new Failure("unreachable");
}

async function sendOne(operation: Operation): Promise<void> {
  if (operation.installation !== null && operation.installation !== installation.value) {
    await change(operation.id, (one) => ({ ...one, trouble: { kind: "elsewhere" } }));
    return;
  }
  const wasSent = operation.wasSent ?? false;
  // Kept before it is sent: whoever is cut off in between must know that the answer may be missing.
  await change(operation.id, (one) => ({ ...one, wasSent: true }));
  const current = find(operation.id);
  if (current?.create) await sendCreate(current, current.create);
  else if (current?.items) await sendItems(current, current.items, wasSent);
}

async function sendCreate(operation: Operation, { key, values }: NonNullable<Operation["create"]>): Promise<void> {
  let made: Todo;
  try {
    made = await call<Todo>("POST", "todos", values, { headers: { "Idempotency-Key": key } });
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 410) throw error;
    await settleGone(operation, key); // it was made, the answer was lost, and somebody deleted it
    return;
  }
  if (!Number.isInteger(made?.id)) throw new Failure("trouble", "", 200);
  acknowledge([made]);
  await settle(operation, [], { key, id: made.id });
  await rebase(new Map<Target, Todo>([[key, made], [made.id, made]])); // prettier-ignore
  void sync();
}

/** What was changed of a todo that is gone waits for a person; deletions of it are done. */
async function settleGone(operation: Operation, key: string): Promise<void> {
  await settle(operation);
  for (const one of outbox.value.filter(({ items }) => items?.some(({ target }) => target === key))) {
    if (one.items?.every(({ deleted }) => deleted)) await settle(one);
    else await change(one.id, (stuck) => ({ ...stuck, trouble: { kind: "gone" } }));
  }
}

async function sendItems(operation: Operation, items: Item[], wasSent: boolean): Promise<void> {
  const sent = items.slice(0, CHANGES_MAX);
  const results = await call<EditResult[]>("PATCH", "todos", sent.map(itemJson));
  const fits = Array.isArray(results) && sent.every(({ target }, index) => results[index]?.id === target);
  if (!fits) throw new Failure("trouble", "", 200); // something in between answered
  const done: Todo[] = [];
  const gone: number[] = [];
  const again: Item[] = [];
  const aside: Operation[] = [];
  for (const [index, item] of sent.entries()) {
    const result = results[index] as EditResult;
    const outcome = outcomeOf(item, result, wasSent);
    if (outcome.kind === "done") done.push(outcome.todo);
    else if (outcome.kind === "deleted") gone.push(outcome.id);
    else if (outcome.kind === "again") again.push(outcome.item);
    else {
      aside.push({ id: newId(), installation: operation.installation, items: [item], trouble: outcome.trouble });
      if (outcome.trouble.kind === "gone") gone.push(result.id);
    }
  }
  acknowledge(done, gone);
  const rest = [...again, ...items.slice(CHANGES_MAX)];
  if (rest.length && !aside.length) {
    await change(operation.id, ({ wasSent: _, ...one }) => ({ ...one, items: rest }));
  } else {
    const followUp: Operation[] = rest.length
      ? [{ id: newId(), installation: operation.installation, items: rest }]
      : [];
    await settle(operation, [...followUp, ...aside]);
  }
  await rebase(new Map(done.map((todo) => [todo.id, todo])));
  void sync();
}

/** Whether the next operation may be tried: this one steps aside for a person, or all wait for the line. */
function stepAside(operation: Operation, failure: Failure): boolean {
  // Any other failure is of the line, or of all that is sent: 503 is said by a server that is busy or starting.
  const isFault = failure.status === 500;
  const faults = (operation.faults ?? 0) + (isFault ? 1 : 0);
  if (!failure.passes || faults >= FAULTS_MAX) {
    const { message: words, status, field } = failure;
    void change(operation.id, (one) => ({ ...one, faults: 0, trouble: { kind: "refused", words, status, field } }));
    obstacle.value = null;
    return true;
  }
  if (isFault) void change(operation.id, (one) => ({ ...one, faults }));
  else doubt();
  const asked = Math.min((failure.retryAfter ?? 0) * 1_000, LONGEST_PAUSE_MS);
  const wait = Math.max(pause * (0.75 + Math.random() / 2), asked);
  pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  obstacle.value = { failure, nextTryAt: Date.now() + wait };
  clearTimeout(timer);
  timer = setTimeout(() => send({ now: true }), wait);
  return false;
}

/** Operations that are held for an undo are sent when their time is over. */
function scheduleHeld(): void {
  if (obstacle.value) return;
  const times = outbox.value.filter((one) => !one.trouble && isHeld(one)).map((one) => one.heldUntil ?? 0);
  if (!times.length) return;
  clearTimeout(timer);
  timer = setTimeout(send, Math.max(0, Math.min(...times) - Date.now()) + 5);
}

/** Begin: the line may come back at any time. */
export function start(): void {
  addEventListener("online", () => void send({ now: true }));
}
