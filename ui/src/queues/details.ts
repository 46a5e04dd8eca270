/** One queue, as last told, and kept fresh while it is shown. */
import { useState } from "preact/hooks";
import { Failure } from "../api";
import { useFresh } from "../parts/fresh";
import type { QueuePlace } from "../router";
import { ask, type Details } from "./answers";
import { note } from "./seen";

/** By source and name, for who comes back. */
const known = new Map<string, Details>();

interface Told {
  details: Details | null;
  failure: Failure | null;
  retry: () => void;
}

export function useDetails(place: QueuePlace, pauseMs: number): Told {
  const key = `${place.source}/${place.name}`;
  const [details, setDetails] = useState(known.get(key) ?? null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [turn, setTurn] = useState(0);
  useFresh(
    async (signal) => {
      try {
        const answer = await ask<Details>(place, "", { signal });
        if (signal.aborted) return;
        known.set(key, answer);
        note(place, answer, Date.now() / 1_000);
        setDetails(answer);
        setFailure(null);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (signal.aborted) return;
        setFailure(error);
        if (error.status !== 404) return;
        known.delete(key);
        setDetails(null);
      }
    },
    pauseMs,
    [key, pauseMs, turn],
  );
  return { details, failure, retry: () => setTurn(turn + 1) };
}
