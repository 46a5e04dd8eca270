/** A queue's figures over time, kept fresh. */
import { useState } from "preact/hooks";
import { Failure } from "../api";
import { useFresh } from "../parts/fresh";
import type { QueuePlace } from "../router";
import { ask, type Figures } from "./answers";
import { SECONDS, type Span } from "./columns";

const REFRESH_MS = 2_000;
/** CloudWatch has nothing new within the minute, and takes money for each look. */
const CLOUDWATCH_MS = 60_000;
/** Where nobody counts, somebody may begin to. */
const NOBODY_MS = 60_000;

interface Told {
  /** With the span that they are of: while another one is asked for, those of before are shown. */
  told: { figures: Figures; span: Span } | null;
  failure: Failure | null;
  retry: () => void;
}

export function useFigures(place: QueuePlace, span: Span): Told {
  const [told, setTold] = useState<Told["told"]>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [turn, setTurn] = useState(0);
  const origin = told?.figures.origin;
  const pause = origin === "CloudWatch" ? CLOUDWATCH_MS : origin === null ? NOBODY_MS : REFRESH_MS;
  useFresh(
    async (signal) => {
      try {
        const figures = await ask<Figures>(place, `/figures?span=${SECONDS[span]}`, { signal });
        if (signal.aborted) return;
        setTold({ figures, span });
        setFailure(null);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (!signal.aborted) setFailure(error);
      }
    },
    pause,
    [place.source, place.name, span, pause, turn],
  );
  return { told, failure, retry: () => setTurn(turn + 1) };
}
