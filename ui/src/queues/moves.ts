/** How the last move of a queue's dead letters goes on: the server knows, so also after a reload. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Failure } from "../api";
import { useFresh } from "../parts/fresh";
import type { QueuePlace } from "../router";
import { ask, type Move } from "./answers";

const RUNNING_MS = 1_000;
/** Somebody else may begin one. */
const RESTING_MS = 5_000;

/** How many moves were seen to begin or to end: what was read before is then no longer true. */
export const redriven = signal(0);

export function isRunning(move: Move | null): boolean {
  return move?.status === "RUNNING" || move?.status === "CANCELLING";
}

interface Told {
  move: Move | null;
  failure: Failure | null;
  /** To be told of a move that this page began. */
  begin: (move: Move) => void;
}

export function useMove(place: QueuePlace): Told {
  const [move, setMove] = useState<Move | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [turn, setTurn] = useState(0);
  const running = isRunning(move);
  useFresh(
    async (signal) => {
      try {
        const answer = await ask<Move>(place, "/redrive", { signal });
        if (signal.aborted) return;
        if (isRunning(answer) !== running) redriven.value += 1;
        setMove(answer);
        setFailure(null);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (!signal.aborted) setFailure(error);
      }
    },
    running ? RUNNING_MS : RESTING_MS,
    [place.source, place.name, running, turn],
  );
  return {
    move,
    failure,
    begin: (begun) => {
      redriven.value += 1;
      setMove(begun);
      setTurn(turn + 1);
    },
  };
}
