/** What happened to the list, as the API counts it. */
import { useState } from "preact/hooks";
import { call, Failure } from "../api";
import { useFresh } from "../parts/fresh";
import { LIST_ID } from "../types";
import { MEASURES, type Span } from "./span";

const REFRESH_MS = 5_000;

/** `not_modified` are among the `fetches`. */
export interface Figures {
  changes: number;
  bells: number;
  builds: number;
  fetches: number;
  not_modified: number;
  bytes_sent: number;
  bytes_saved: number;
}

/** The figures of one part of the span, which begins at `from`. */
export type Part = Figures & { from: string };

interface Answer {
  bucket_minutes: number;
  series: Part[];
  totals: Figures;
}

/** The figures, and the span they are of: while another one is asked for, those of before are shown. */
export interface Activity {
  span: Span;
  minutesEach: number;
  series: Part[];
  totals: Figures;
}

/** The newest figures of a span, asked for again and again; null before the first answer. */
export function useActivity(span: Span): { activity: Activity | null; failure: Failure | null; retry: () => void } {
  const [activity, setActivity] = useState<Activity | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [turn, setTurn] = useState(0);
  useFresh(
    async (signal) => {
      const { minutes, buckets } = MEASURES[span];
      try {
        const path = `lists/${LIST_ID}/activity?minutes=${minutes}&buckets=${buckets}`;
        const answer = await call<Answer>("GET", path, undefined, { signal });
        if (signal.aborted) return;
        const { bucket_minutes: minutesEach, series, totals } = answer;
        setActivity({ span, minutesEach, series, totals });
        setFailure(null);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (!signal.aborted) setFailure(error);
      }
    },
    REFRESH_MS,
    [span, turn],
  );
  return { activity, failure, retry: () => setTurn(turn + 1) };
}

export function isEmpty(totals: Figures): boolean {
  return Object.values(totals).every((value) => value === 0);
}
