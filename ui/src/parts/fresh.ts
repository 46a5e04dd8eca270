/** Keeps something fresh for as long as it is shown and the page can be seen. */
import { useEffect } from "preact/hooks";

/** Call `refresh` now, `pauseMs` after each time it is done, and at once when the page is seen or has a line again. */
export function useFresh(refresh: (signal: AbortSignal) => Promise<void>, pauseMs: number, inputs: unknown[]): void {
  useEffect(() => {
    let gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function keep(): Promise<void> {
      // Whoever calls it again takes over from the one before.
      gone.abort();
      clearTimeout(timer);
      gone = new AbortController();
      if (document.hidden) return;
      const { signal } = gone;
      await refresh(signal);
      if (!signal.aborted) timer = setTimeout(keep, pauseMs);
    }
    const again = () => void keep();
    document.addEventListener("visibilitychange", again);
    addEventListener("online", again);
    again();
    return () => {
      gone.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
      removeEventListener("online", again);
    };
  }, inputs);
}
