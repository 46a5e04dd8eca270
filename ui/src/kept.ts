/** Small things that the browser keeps of this page. Where it keeps nothing, they last as long as the page does. */

const inMemory = new Map<string, string>();

function storage(kind: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return globalThis[kind]; // denied to pages by some settings: reading it throws
  } catch {
    return null;
  }
}

/** What is kept under `name`, or null. `session`: for this tab alone. */
export function recall(name: string, { session = false } = {}): string | null {
  try {
    return storage(session ? "sessionStorage" : "localStorage")?.getItem(name) ?? inMemory.get(name) ?? null;
  } catch {
    return inMemory.get(name) ?? null;
  }
}

/** Keep `value` under `name`; null forgets it. */
export function remember(name: string, value: string | null, { session = false } = {}): void {
  if (value === null) inMemory.delete(name);
  else inMemory.set(name, value);
  try {
    const place = storage(session ? "sessionStorage" : "localStorage");
    if (value === null) place?.removeItem(name);
    else place?.setItem(name, value);
  } catch {
    // full, or denied: it is in memory
  }
}
