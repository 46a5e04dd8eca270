/** All queues, by their source. */
import { texts } from "../texts";
import { type Source, troubleWords } from "./answers";
import { failure, load, sources, useSources } from "./sources";
import { QueueTable } from "./table";
import { HowToSee, SourceWords } from "./source";

const REFRESH_MS = 5_000;

export function QueueList() {
  const t = texts.value;
  useSources(REFRESH_MS);
  const shown = sources.value;
  const isNothing = shown?.sources.every(({ queues, trouble }) => !queues.length && !trouble);
  return (
    <div class="stack queues">
      <div>
        <h1 tabIndex={-1}>{t.views.queues}</h1>
        <p class="hint">{t.queues.hint}</p>
      </div>
      <div role="status">
        {failure.value && (
          <div class="note error row">
            <span>
              {t.queues.failed(troubleWords(failure.value))} {shown && t.queues.stale} {t.queues.retrying}
            </span>
            <button type="button" onClick={() => void load()}>
              {t.retry}
            </button>
          </div>
        )}
        {!shown && !failure.value && <p class="hint">{t.loading}</p>}
      </div>
      {isNothing && (
        <div class="empty">
          <p>
            <strong>{t.queues.empty}</strong>
          </p>
          <HowToSee />
        </div>
      )}
      {shown?.sources.map((source) => (
        <SourceSection key={source.source} source={source} isNothing={!!isNothing} />
      ))}
      {shown && !isNothing && !shown.sources.some(({ kind }) => kind === "SQS") && (
        <section class="card stack">
          <h2>{t.queues.more}</h2>
          <HowToSee />
        </section>
      )}
    </div>
  );
}

function SourceSection({ source, isNothing }: { source: Source; isNothing: boolean }) {
  const t = texts.value;
  const { kind, queues, trouble } = source;
  const heading = `source-${source.source}`;
  return (
    <section class="card stack" aria-labelledby={heading}>
      <div>
        <h2 id={heading}>{t.queues.kinds[kind]}</h2>
        <SourceWords source={source} />
      </div>
      <div role="status">
        {trouble && (
          <div class="note warning row">
            <span dir="auto">{trouble}</span>
            <button type="button" aria-label={t.queues.retryOf(t.queues.kinds[kind])} onClick={() => void load()}>
              {t.retry}
            </button>
          </div>
        )}
      </div>
      {queues.length > 0 && <QueueTable source={source.source} queues={queues} labelledBy={heading} />}
      {!queues.length && !trouble && !isNothing && <p class="hint">{t.queues.none}</p>}
    </section>
  );
}
