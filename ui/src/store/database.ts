/**
 * What the browser keeps: the mirror of the list, and the outbox of changes the server has not taken yet.
 *
 * Where the browser keeps nothing (a private window), it all lives in memory, and `isKept` is false.
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Chunk, List, Todo } from "../types";
import type { Operation } from "./outbox";

interface Schema extends DBSchema {
  chunks: { key: number; value: Chunk };
  outbox: { key: number; value: Operation };
  meta: { key: string; value: unknown };
}

const NAME = "taskoverflow";
const VERSION = 1;

let opening: Promise<IDBPDatabase<Schema> | null> | null = null;
export let isKept = true;

function open(): Promise<IDBPDatabase<Schema> | null> {
  opening ??= openDB<Schema>(NAME, VERSION, {
    upgrade(database) {
      database.createObjectStore("chunks", { keyPath: "number" });
      database.createObjectStore("outbox", { keyPath: "position", autoIncrement: true });
      database.createObjectStore("meta");
    },
  }).catch(() => {
    isKept = false;
    return null;
  });
  return opening;
}

export interface Kept {
  list: List | null;
  chunks: Chunk[];
  acknowledged: Todo[];
}

/** The mirror as it was last kept. */
export async function readMirror(): Promise<Kept> {
  const database = await open();
  if (!database) return { list: null, chunks: [], acknowledged: [] };
  const transaction = database.transaction(["chunks", "meta"]);
  const [chunks, list, acknowledged] = await Promise.all([
    transaction.objectStore("chunks").getAll(),
    transaction.objectStore("meta").get("list"),
    transaction.objectStore("meta").get("acknowledged"),
  ]);
  return { list: (list as List) ?? null, chunks, acknowledged: (acknowledged as Todo[]) ?? [] };
}

/** Keep what a sync brought. */
export async function keepMirror(list: List, chunks: Chunk[], gone: number[]): Promise<void> {
  const database = await open();
  if (!database) return;
  const transaction = database.transaction(["chunks", "meta"], "readwrite");
  for (const chunk of chunks) transaction.objectStore("chunks").put(chunk);
  for (const number of gone) transaction.objectStore("chunks").delete(number);
  transaction.objectStore("meta").put(list, "list");
  await transaction.done;
}

/** Keep what the server acknowledged and no sync has brought yet. */
export async function keepAcknowledged(todos: Todo[]): Promise<void> {
  await (await open())?.put("meta", todos, "acknowledged");
}

/** The operations waiting, the first to be sent first. */
export async function readOutbox(): Promise<Operation[]> {
  return (await (await open())?.getAll("outbox")) ?? [];
}

/** Put an operation at the end of the outbox, or back in its place when it has one; its position. */
export async function keepOperation(operation: Operation): Promise<number | null> {
  const database = await open();
  if (!database) return null;
  try {
    return await database.put("outbox", operation);
  } catch {
    isKept = false; // a full disk: it is sent all the same, and the page warns whoever leaves before
    return null;
  }
}

export async function forgetOperation(position: number): Promise<void> {
  await (await open())?.delete("outbox", position);
}
