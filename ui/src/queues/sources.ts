/** All queues of all sources, as last told: one comes back to them at once. */
import { signal } from "@preact/signals";
import { call, Failure } from "../api";
import { keepFocus } from "../parts/focus";
import { useFresh } from "../parts/fresh";
import { locale } from "../texts";
import type { Card, Source, Sources } from "./answers";

export const sources = signal<Sources | null>(null);

/** Why they could not be told the last time, null when they were. */
export const failure = signal<Failure | null>(null);

/** Keep them fresh while what uses this is shown. */
export function useSources(pauseMs: number): void {
  useFresh(load, pauseMs, [pauseMs]);
}

export async function load(abort?: AbortSignal): Promise<void> {
  try {
    const answer = await call<Sources>("GET", "queues", undefined, abort ? { signal: abort } : {});
    if (abort?.aborted) return;
    keepFocus(); // a queue that is gone takes its link along
    sources.value = answer;
    failure.value = null;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (!abort?.aborted) failure.value = error;
  }
}

export function sourceOf(name: string): Source | null {
  return sources.value?.sources.find(({ source }) => source === name) ?? null;
}

/** By name, as the reader sorts, numbers by their size. */
export function sorted(queues: Card[]): Card[] {
  const { compare } = new Intl.Collator(locale.value, { numeric: true });
  return [...queues].sort((a, b) => compare(a.name, b.name));
}
