/** Has the server make the calendar, and tells how that goes on. */
import { call, Failure } from "../api";
import { ROOT } from "../root";

/** So long may all of it take, seconds. */
export const PATIENCE_SECONDS = 120;
/** Most calendars are made in less than a pause between two looks... */
const QUICK_LOOK_MS = 200;
/** ...and after so long the pauses get longer. */
const QUICK_LOOKS_MS = 3_000;
const SLOW_LOOK_MS = 1_000;
/** The stream tells the state at once; one that says nothing for so long is held up by something in between. */
const SILENCE_MS = 2_000;
/** So many looks in a row may fail before it is given up. */
const FAILED_LOOKS = 5;

/** Celery's words. */
type State = "PENDING" | "STARTED" | "RETRY" | "SUCCESS" | "FAILURE";

interface Status {
  task_status: State;
  error?: string;
}

/** The calendar was not made; `words` is the server's reason, null when it gives none. */
export class NotMade extends Error {
  readonly words: string | null;

  constructor(words: string | null) {
    super(words ?? "");
    this.words = words;
  }
}

/** Nothing came in time. */
export class TookTooLong extends Error {}

/** Where the made calendar is. `tell` hears each state. Throws `Failure`, `NotMade`, `TookTooLong`. */
export async function makeCalendar(tell: (state: State) => void, signal: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(PATIENCE_SECONDS * 1_000);
  const either = AbortSignal.any([timeout, signal]);
  try {
    const { task_id: id } = await call<{ task_id: string }>("POST", "todos/ical", undefined, { signal: either });
    const status = (await follow(id, tell, either)) ?? (await poll(id, tell, either));
    if (status.task_status === "FAILURE") throw new NotMade(status.error ?? null);
    return `${ROOT}api/v1/todos/ical/${id}/result`;
  } catch (error) {
    if (timeout.aborted && !(error instanceof NotMade)) throw new TookTooLong();
    throw error;
  }
}

function isFinal({ task_status: state }: Status): boolean {
  return state === "SUCCESS" || state === "FAILURE";
}

/** The last status, by the job's event stream; null when there is no stream, or it ended before. */
function follow(id: string, tell: (state: State) => void, signal: AbortSignal): Promise<Status | null> {
  return new Promise((resolve) => {
    const stream = new EventSource(`${ROOT}api/v1/jobs/${id}/events`);
    const silence = setTimeout(() => end(null), SILENCE_MS);
    const stop = () => end(null);
    function end(status: Status | null): void {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
      stream.close();
      resolve(status);
    }
    signal.addEventListener("abort", stop);
    stream.addEventListener("error", stop); // no room (503), or no line
    stream.addEventListener("message", (event: MessageEvent<string>) => {
      clearTimeout(silence);
      const status = JSON.parse(event.data) as Status;
      tell(status.task_status);
      if (isFinal(status)) end(status);
    });
  });
}

/** The last status, by asking. */
async function poll(id: string, tell: (state: State) => void, signal: AbortSignal): Promise<Status> {
  const began = performance.now();
  for (let failed = 0; ;) {
    signal.throwIfAborted();
    try {
      const status = await call<Status>("GET", `todos/ical/${id}/status`, undefined, { signal });
      failed = 0;
      tell(status.task_status);
      if (isFinal(status)) return status;
    } catch (error) {
      failed += 1;
      if (!(error instanceof Failure) || !error.passes || failed === FAILED_LOOKS) throw error;
    }
    const isQuick = failed === 0 && performance.now() - began < QUICK_LOOKS_MS;
    await new Promise((done) => setTimeout(done, isQuick ? QUICK_LOOK_MS : SLOW_LOOK_MS));
  }
}
