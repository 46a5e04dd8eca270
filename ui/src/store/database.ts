/**
 * What the browser keeps: the mirror of the list, and the outbox of changes the server has not taken yet.
 *
 * Nothing here fails. Where the browser keeps nothing (a private window, a full disk), everything goes on in memory, and
 * `isKept` is false.
 */
import { signal } from "@preact/signals";
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Chunk, List, Todo } from "../types";
import type { Operation } from "./operations";

interface Schema extends DBSchema {
  chunks: { key: number; value: Chunk };
  outbox: { key: number; value: Operation };
  meta: { key: string; value: unknown };
}

type Stores = ("chunks" | "outbox" | "meta")[];

const NAME = "taskoverflow";
const VERSION = 1;
const OPEN_MS = 2_000;
/** Keys of todos made here, remembered with their ids for changes that still name the key. */
const MADE_MAX = 1_000;

let opening: Promise<IDBPDatabase<Schema> | null> | null = null;

/** Whether what waits outlives the page. */
export const isKept = signal(true);

function open(): Promise<IDBPDatabase<Schema> | null> {
  opening ??= Promise.race([
    openDB<Schema>(NAME, VERSION, {
      upgrade(database) {
        database.createObjectStore("chunks", { keyPath: "number" });
        database.createObjectStore("outbox", { keyPath: "position", autoIncrement: true });
        database.createObjectStore("meta");
      },
      terminated() {
        opening = null; // the browser closed it, as when a person clears what sites keep
      },
    }),
    new Promise<null>((give) => setTimeout(() => give(null), OPEN_MS)),
  ]).catch(() => null);
  return opening;
}

/** What `work` gives with the database; `otherwise` when there is none, or it fails twice. */
async function use<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>, otherwise: T): Promise<T> {
  for (let turn = 0; turn < 2; turn += 1) {
    const database = await open();
    if (!database) break;
    try {
      const found = await work(database);
      isKept.value = true;
      return found;
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "InvalidStateError") break;
      opening = null; // it was closed: opened anew once
    }
  }
  isKept.value = false;
  return otherwise;
}

/** Do several things in one transaction: all of them are kept, or none. */
function change(
  stores: Stores,
  work: (store: <S extends Stores[number]>(name: S) => Writable<S>) => void,
): Promise<boolean> {
  return use(async (database) => {
    const transaction = database.transaction(stores, "readwrite");
    work((name) => transaction.objectStore(name) as unknown as Writable<typeof name>);
    await transaction.done;
    return true;
  }, false);
}

interface Writable<S extends Stores[number]> {
  put(value: Schema[S]["value"], key?: Schema[S]["key"]): Promise<Schema[S]["key"]>;
  delete(key: Schema[S]["key"]): Promise<void>;
  clear(): Promise<void>;
}

export interface KeptMirror {
  list: List | null;
  installation: string | null;
  chunks: Chunk[];
  acknowledged: Todo[];
}

/** The mirror as it was last kept. */
export function readMirror(): Promise<KeptMirror> {
  return use<KeptMirror>(
    async (database) => {
      const transaction = database.transaction(["chunks", "meta"]);
      const meta = transaction.objectStore("meta");
      const [chunks, list, installation, acknowledged] = await Promise.all([
        transaction.objectStore("chunks").getAll(),
        meta.get("list"),
        meta.get("installation"),
        meta.get("acknowledged"),
      ]);
      return {
        chunks,
        list: (list as List) ?? null,
        installation: (installation as string) ?? null,
        acknowledged: (acknowledged as Todo[]) ?? [],
      };
    },
    { list: null, installation: null, chunks: [], acknowledged: [] },
  );
}

/** Keep what a sync brought. */
export async function keepMirror(list: List, installation: string, chunks: Chunk[], gone: number[]): Promise<void> {
  await change(["chunks", "meta"], (store) => {
    for (const chunk of chunks) void store("chunks").put(chunk);
    for (const number of gone) void store("chunks").delete(number);
    void store("meta").put(list, "list");
    void store("meta").put(installation, "installation");
  });
}

/** Keep what the server acknowledged and no sync has brought yet. */
export async function keepAcknowledged(todos: Todo[]): Promise<void> {
  await change(["meta"], (store) => void store("meta").put(todos, "acknowledged"));
}

export interface KeptOutbox {
  /** The first to be sent first. */
  operations: Operation[];
  /** Ids of todos that were made here, by their key. */
  made: [string, number][];
}

/** The outbox as it was last kept; null when there is nothing that keeps it. */
export function readOutbox(): Promise<KeptOutbox | null> {
  return use<KeptOutbox | null>(async (database) => {
    const transaction = database.transaction(["outbox", "meta"]);
    const [operations, made] = await Promise.all([
      transaction.objectStore("outbox").getAll(),
      transaction.objectStore("meta").get("made"),
    ]);
    return { operations, made: (made as [string, number][]) ?? [] };
  }, null);
}

/** Put an operation at the end of the outbox, or back in its place when it has one; its position, null when not kept. */
export function keepOperation(operation: Operation): Promise<number | null> {
  return use<number | null>((database) => database.put("outbox", operation), null);
}

/** An operation is over: forget it, and keep in the same moment what it leaves behind. */
export async function settleOperation(
  position: number | undefined,
  leaves: Operation[] = [],
  made: [string, number][] | null = null,
): Promise<void> {
  await change(["outbox", "meta"], (store) => {
    for (const operation of leaves) void store("outbox").put(operation);
    if (position !== undefined) void store("outbox").delete(position);
    if (made) void store("meta").put(made.slice(-MADE_MAX), "made");
  });
}
