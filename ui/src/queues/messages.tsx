/** The messages of a dead-letter queue, read when a person asks for them: SQS counts each look. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "../api";
import type { QueuePlace } from "../router";
import { number, texts } from "../texts";
import { ask, type Message, type Messages as Answer, troubleWords } from "./answers";
import { readable } from "./json";
import { QueueLink } from "./link";
import { redriven } from "./moves";
import { dateWords } from "./words";

const FIRST = 20;
const MOST = 50;

type State =
  { kind: "none" | "waiting" } | { kind: "read"; answer: Answer; limit: number } | { kind: "failed"; failure: Failure };

export function Messages({ place }: { place: QueuePlace }) {
  const t = texts.value.queues;
  const [state, setState] = useState<State>({ kind: "none" });
  const gone = useRef(new AbortController());
  useEffect(() => () => gone.current.abort(), []);
  // What was read before is elsewhere by then.
  useEffect(() => setState({ kind: "none" }), [redriven.value]);

  async function read(limit: number): Promise<void> {
    if (state.kind === "waiting") return;
    setState({ kind: "waiting" });
    const { signal } = gone.current;
    try {
      const answer = await ask<Answer>(place, `/messages?limit=${limit}`, { signal });
      if (!signal.aborted) setState({ kind: "read", answer, limit });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (!signal.aborted) setState({ kind: "failed", failure: error });
    }
  }

  return (
    <>
      <div class="row">
        <button
          type="button"
          aria-disabled={state.kind === "waiting"}
          aria-describedby="reading-counts"
          onClick={() => void read(FIRST)}
        >
          {state.kind === "read" ? t.readAgain : t.read}
        </button>
        <span id="reading-counts" class="hint grow">
          {t.readHint}
        </span>
      </div>
      <div role="status">
        {state.kind === "waiting" && <p class="hint">{t.reading}</p>}
        {state.kind === "failed" && (
          <p class="note error" dir="auto">
            {t.readFailed(troubleWords(state.failure))}
          </p>
        )}
        {state.kind === "read" && <p>{t.found(state.answer.messages.length, state.answer.is_all)}</p>}
      </div>
      {state.kind === "read" && <List place={place} answer={state.answer} />}
      {state.kind === "read" && !state.answer.is_all && state.limit < MOST && (
        <div>
          <button type="button" onClick={() => void read(MOST)}>
            {t.readMore(MOST)}
          </button>
        </div>
      )}
    </>
  );
}

function List({ place, answer }: { place: QueuePlace; answer: Answer }) {
  return (
    <ol class="messages plain">
      {answer.messages.map((message) => (
        <li key={message.message_id}>
          <One source={place.source} message={message} />
        </li>
      ))}
    </ol>
  );
}

function One({ source, message }: { source: string; message: Message }) {
  const t = texts.value.queues;
  const attributes = Object.entries(message.attributes);
  return (
    <article class="stack" aria-label={t.message(message.message_id)}>
      <dl class="pairs">
        <Pair name={t.messageId}>
          <bdi>{message.message_id}</bdi>
        </Pair>
        {message.sent_at && <Pair name={t.sentAt}>{dateWords(message.sent_at, { timeStyle: "medium" })}</Pair>}
        <Pair name={t.receives}>{number(message.receives)}</Pair>
        {message.source_queue && (
          <Pair name={t.cameFrom}>
            <QueueLink source={source} name={message.source_queue} />
          </Pair>
        )}
        {message.group !== null && (
          <Pair name={t.group}>
            <bdi>{message.group}</bdi>
          </Pair>
        )}
        {attributes.length > 0 && (
          <Pair name={t.attributes} isWhole>
            <ul class="plain inline">
              {attributes.map(([name, value]) => (
                <li key={name}>
                  <bdi>{name}</bdi>: <bdi>{value}</bdi>
                </li>
              ))}
            </ul>
          </Pair>
        )}
      </dl>
      <pre class="code" tabIndex={0} role="region" aria-label={t.bodyOf(message.message_id)} dir="auto">
        {readable(message.body) ?? message.body}
      </pre>
      {message.is_cut && <p class="hint">{t.cut}</p>}
    </article>
  );
}

function Pair({ name, isWhole, children }: { name: string; isWhole?: boolean; children: ComponentChildren }) {
  return (
    <div class={isWhole ? "whole" : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
