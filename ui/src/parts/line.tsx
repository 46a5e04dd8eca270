/** The state of the line: whether the server can be reached, and what waits to be sent. Silent while all is well. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Failure } from "../api";
import { isKept } from "../store/database";
import { sync, failure as syncFailure } from "../store/mirror";
import { outbox } from "../store/outbox";
import { obstacle, send } from "../store/sending";
import { texts } from "../texts";
import { keepFocus } from "./focus";
import { Icon } from "./icon";

/** So long may a change be on its way before it is worth a word, milliseconds. */
const PATIENCE_MS = 1_500;

/** A failure in words for a person. */
export function failureWords(failure: Failure): string {
  const t = texts.value.failure;
  switch (failure.kind) {
    case "unreachable":
      return t.unreachable;
    case "timeout":
      return t.timeout;
    case "trouble":
      return t.trouble(failure.status, failure.message);
    case "refused":
      return t.refused(failure.message);
  }
}

/** What lies between the page and the server now, or null. */
function hindrance(): string | null {
  const failure = obstacle.value?.failure ?? syncFailure.value;
  if (!failure) return null;
  if (failure.kind === "unreachable" && !navigator.onLine) return texts.value.line.offline;
  return failureWords(failure);
}

export function LineState() {
  const t = texts.value.line;
  const isSlow = useSignal(false);
  const reason = hindrance();
  // What is held for an undo waits, too, where nothing can be sent.
  const waiting = outbox.value.filter((operation) => !operation.trouble && (reason || !operation.heldUntil)).length;
  useEffect(() => {
    isSlow.value = false;
    if (!waiting) return;
    const timer = setTimeout(() => {
      isSlow.value = true;
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [waiting > 0, isSlow]);
  const words = [
    reason,
    reason && !waiting ? t.stale : null,
    waiting && reason ? t.waiting(waiting) : null,
    waiting && !reason && isSlow.value ? t.sending(waiting) : null,
    waiting && reason && !isKept.value ? t.unkept : null,
  ].filter((part) => part !== null);
  return (
    <div role="status">
      {words.length > 0 && (
        <div class={reason ? "line note warning" : "line note"}>
          <Icon name={reason ? "offline" : "waiting"} />
          <span>{words.join(" ")}</span>
          {reason && (
            <button
              type="button"
              onClick={() => {
                void Promise.all([send({ now: true }), sync()]).then(keepFocus); // the button goes when it helped
              }}
            >
              {t.tryNow}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
