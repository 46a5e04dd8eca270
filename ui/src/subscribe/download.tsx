/** The calendar as a file: made by a worker when it is asked for, then saved. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "../api";
import { Icon } from "../parts/icon";
import { failureWords } from "../parts/line";
import { locale, number, texts } from "../texts";
import { makeCalendar, NotMade, PATIENCE_SECONDS, TookTooLong } from "./job";

/** From so long on, a word on what may be wrong, milliseconds. */
const SLOW_MS = 10_000;

/** What is known of the one download that may be under way: words are made of it when it is shown. */
type Progress =
  | { kind: "none" }
  | { kind: "running"; state: string | null; isSlow: boolean }
  | { kind: "ready"; address: string; seconds: number }
  | { kind: "failed"; error: unknown };

export function Download() {
  const t = texts.value.subscribe.download;
  const [progress, setProgress] = useState<Progress>({ kind: "none" });
  const link = useRef<HTMLAnchorElement>(null);
  const gone = useRef(new AbortController());
  useEffect(() => () => gone.current.abort(), []);

  async function download(): Promise<void> {
    if (progress.kind === "running") return;
    const { signal } = gone.current;
    const began = performance.now();
    let state: string | null = null;
    const show = () => setProgress({ kind: "running", state, isSlow: performance.now() - began > SLOW_MS });
    const slow = setTimeout(show, SLOW_MS + 50);
    show();
    try {
      const address = await makeCalendar((now) => {
        state = now;
        show();
      }, signal);
      setProgress({ kind: "ready", address, seconds: (performance.now() - began) / 1_000 });
    } catch (error) {
      if (!signal.aborted) setProgress({ kind: "failed", error });
    } finally {
      clearTimeout(slow);
    }
  }

  const address = progress.kind === "ready" ? progress.address : null;
  useEffect(() => {
    if (address !== null) link.current?.click();
  }, [address]);

  return (
    <section class="card stack" aria-labelledby="download-heading">
      <h2 id="download-heading">{t.heading}</h2>
      <p class="hint">{t.hint}</p>
      <div class="row">
        <button
          type="button"
          class="primary"
          aria-disabled={progress.kind === "running"}
          onClick={() => void download()}
        >
          <Icon name="download" />
          {progress.kind === "failed" ? texts.value.retry : t.button}
        </button>
        {progress.kind === "ready" && (
          <a ref={link} href={progress.address} download="taskoverflow.ics">
            {t.save}
          </a>
        )}
      </div>
      <div role="status">
        <Words progress={progress} />
      </div>
    </section>
  );
}

function Words({ progress }: { progress: Progress }) {
  const t = texts.value.subscribe.download;
  switch (progress.kind) {
    case "none":
      return null;
    case "running": {
      const { state, isSlow } = progress;
      const words = state === null || state === "SUCCESS" ? t.asking : (t.states[state] ?? state);
      return <p class="note">{isSlow ? `${words} ${t.slow}` : words}</p>;
    }
    case "ready":
      return <p class="note">{t.ready(inSeconds(progress.seconds))}</p>;
    case "failed":
      return <p class="note error">{t.failed(reason(progress.error))}</p>;
  }
}

function reason(error: unknown): string {
  const t = texts.value.subscribe.download;
  if (error instanceof Failure) return failureWords(error);
  if (error instanceof TookTooLong) return t.tooLong(number(PATIENCE_SECONDS));
  if (error instanceof NotMade) return error.words ?? t.unexplained;
  return String(error);
}

function inSeconds(seconds: number): string {
  return seconds.toLocaleString(locale.value, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
