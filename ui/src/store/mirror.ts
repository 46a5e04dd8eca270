/**
 * The mirror: the list's todos as the server has them, kept in the browser, and brought up to date chunk by chunk.
 *
 * Knows nothing of changes that wait to be sent.
 */
import { computed, signal } from "@preact/signals";
import { call, Failure } from "../api";
import { type Chunk, LIST_ID, type List, type SyncAnswer, type Todo } from "../types";
import { keepAcknowledged, keepMirror, readMirror } from "./database";

/** So many chunks come with the first answer, when there is nothing to show yet; then twice as many each time. */
const FIRST_CHUNKS = 2;
const CHUNKS_MAX = 64;
/** An answer that takes longer is followed by smaller ones. */
const SLOW_MS = 4_000;

export const list = signal<List | null>(null);

/** Which installation the mirror is of, null when nothing is known. */
export const installation = signal<string | null>(null);

/** Whether it is known that the server at this address is still that one. */
export const isConfirmed = signal(false);

/** After a time without a line the server may be another. */
export function doubt(): void {
  isConfirmed.value = false;
}

/** `waiting`: nothing is known yet; `known`: there is something to show, perhaps of an earlier visit, perhaps not all. */
export const state = signal<"waiting" | "known">("waiting");

/** Why the last sync failed, null when it did not. */
export const failure = signal<Failure | null>(null);

/** Whether everything has been read at least once. */
export const isWhole = signal(false);

const chunks = signal<ReadonlyMap<number, Chunk>>(new Map());

/** What the server said of todos since, by id: null when it is deleted. Each with the turn it was said in. */
const acknowledged = signal<ReadonlyMap<number, { todo: Todo | null; turn: number }>>(new Map());
let turn = 0;

/** All todos, the newest first. */
export const todos = computed(() => {
  const news = acknowledged.value;
  const found: Todo[] = [];
  const seen = new Set<number>();
  const numbers = [...chunks.value.keys()].sort((a, b) => b - a);
  for (const number of numbers) {
    const some = chunks.value.get(number)?.todos ?? [];
    for (let index = some.length - 1; index >= 0; index -= 1) {
      const todo = some[index] as Todo;
      const said = news.size ? news.get(todo.id) : undefined;
      if (said) seen.add(todo.id);
      if (said === undefined) found.push(todo);
      else if (said.todo) found.push(said.todo.sequence > todo.sequence ? said.todo : todo);
    }
  }
  const fresh: Todo[] = [];
  for (const [id, { todo }] of news) if (todo && !seen.has(id)) fresh.push(todo);
  return fresh.length ? [...fresh.sort((a, b) => b.id - a.id), ...found] : found;
});

/** Take in what the server said of changes, until a sync brings the same. */
export function acknowledge(changed: Todo[], gone: number[] = []): void {
  const news = new Map(acknowledged.value);
  for (const todo of changed) news.set(todo.id, { todo, turn });
  for (const id of gone) news.set(id, { todo: null, turn });
  remember(news);
}

function remember(news: Map<number, { todo: Todo | null; turn: number }>): void {
  acknowledged.value = news;
  // A deleted one that shows again after a reload without a line does less harm than one that never shows again.
  void keepAcknowledged([...news.values()].flatMap(({ todo }) => (todo ? [todo] : [])));
}

/** So many chunks are asked for at once. */
let step = FIRST_CHUNKS;
let running: Promise<void> | null = null;
let again = false;

/** Bring the mirror up to date; `failure` says when that did not work. Asked for while one runs, another follows. */
export function sync(): Promise<void> {
  if (running) {
    again = true;
    return running;
  }
  running = syncOnce().finally(() => {
    running = null;
    if (again) {
      again = false;
      void sync();
    }
  });
  return running;
}

async function syncOnce(): Promise<void> {
  turn += 1;
  const began = turn;
  try {
    for (let isDone = false; !isDone;) {
      const stamps = Object.fromEntries([...chunks.value].map(([number, { stamp }]) => [number, stamp]));
      const asked = performance.now();
      const answer = await call<SyncAnswer>("POST", `lists/${LIST_ID}/sync`, { chunks: stamps, limit: step });
      if (!Array.isArray(answer.chunks) || !answer.list) throw new Failure("trouble", "", 200);
      const isSlow = performance.now() - asked > SLOW_MS;
      step = isSlow ? Math.max(1, step >> 1) : Math.min(CHUNKS_MAX, step * 2);
      await takeIn(answer);
      isDone = !answer.more;
    }
    isWhole.value = true;
    isConfirmed.value = true;
    failure.value = null;
    const news = [...acknowledged.value].filter(([, said]) => said.turn >= began);
    if (news.length !== acknowledged.value.size) remember(new Map(news));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.kind === "timeout") step = Math.max(1, step >> 2);
    failure.value = error;
    doubt();
  }
}

async function takeIn(answer: SyncAnswer): Promise<void> {
  if (installation.value !== null && answer.installation !== installation.value) remember(new Map()); // other tasks
  installation.value = answer.installation;
  if (answer.chunks.length || answer.gone.length) {
    const known = new Map(chunks.value);
    for (const chunk of answer.chunks) known.set(chunk.number, chunk);
    for (const number of answer.gone) known.delete(number);
    chunks.value = known;
  }
  list.value = answer.list;
  state.value = "known";
  await keepMirror(answer.list, answer.installation, answer.chunks, answer.gone);
}

/** Begin with what an earlier visit kept. */
export async function start(): Promise<void> {
  const kept = await readMirror();
  if (kept.list) {
    chunks.value = new Map(kept.chunks.map((chunk) => [chunk.number, chunk]));
    acknowledged.value = new Map(kept.acknowledged.map((todo) => [todo.id, { todo, turn: 0 }]));
    list.value = kept.list;
    installation.value = kept.installation;
    state.value = "known";
  }
}
