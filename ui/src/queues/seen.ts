/** What this page has itself seen of queues since it was opened: the levels where nobody else counts. */
import type { QueuePlace } from "../router";
import type { Details } from "./answers";

/** So often it looks, where nobody counts. */
export const LOOK_MS = 2_000;
const SAMPLES_MAX = 10_800; // six hours of looks

export interface Sample {
  /** Seconds since 1970, on this machine's clock. */
  at: number;
  available: number | null;
  in_flight: number | null;
}

const samples = new Map<string, Sample[]>();

export function note({ source, name }: QueuePlace, { available, in_flight }: Details, at: number): void {
  const key = `${source}/${name}`;
  const kept = samples.get(key) ?? [];
  kept.push({ at, available, in_flight });
  if (kept.length > SAMPLES_MAX) kept.shift();
  samples.set(key, kept);
}

/** The oldest first. */
export function seen({ source, name }: QueuePlace): readonly Sample[] {
  return samples.get(`${source}/${name}`) ?? [];
}
