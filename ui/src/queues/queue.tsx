/** One queue: what is in it, how it is set, what went through it, and its dead letters. */
import { useState } from "preact/hooks";
import { ViewLink } from "../parts/link";
import { Tile } from "../parts/tile";
import type { QueuePlace } from "../router";
import { number, texts } from "../texts";
import { type Details, troubleWords } from "./answers";
import { Charts } from "./charts";
import { useDetails } from "./details";
import { Messages } from "./messages";
import { Policy } from "./policy";
import { Properties } from "./properties";
import { Redrive } from "./redrive";
import { LOOK_MS } from "./seen";
import { SourceWords } from "./source";
import { sourceOf, useSources } from "./sources";

const REFRESH_MS = 5_000;
/** Whose queue it is, and what may be done with it, hardly changes. */
const SOURCES_MS = 60_000;

export function Queue({ place }: { place: QueuePlace }) {
  const t = texts.value;
  const [isCounted, setCounted] = useState(true);
  const { details, failure, retry } = useDetails(place, isCounted ? REFRESH_MS : LOOK_MS);
  useSources(SOURCES_MS);
  const source = sourceOf(place.source);
  return (
    <div class="stack queues">
      <div>
        <h1 tabIndex={-1}>
          <bdi>{place.name}</bdi>
        </h1>
        <p class="way">
          <ViewLink to="queues">{t.queues.all}</ViewLink>
          {source && <span class="hint">{t.queues.kinds[source.kind]}</span>}
        </p>
        {source && <SourceWords source={source} />}
      </div>
      <div role="status">
        {failure && (
          <div class="note error row">
            <span dir="auto">
              {t.queues.failed(troubleWords(failure))} {details && t.queues.stale} {t.queues.retrying}
            </span>
            <button type="button" onClick={retry}>
              {t.retry}
            </button>
          </div>
        )}
        {!details && !failure && <p class="hint">{t.loading}</p>}
      </div>
      {details && <Shown place={place} details={details} onCounted={setCounted} />}
    </div>
  );
}

interface ShownProps {
  place: QueuePlace;
  details: Details;
  onCounted: (isCounted: boolean) => void;
}

function Shown({ place, details, onCounted }: ShownProps) {
  const t = texts.value.queues;
  const figures = [
    [t.columns.available, details.available],
    [t.columns.in_flight, details.in_flight],
    [t.columns.delayed, details.delayed],
    [t.consumers, details.consumers],
  ] as const;
  const isForDeadLetters = details.dead_letters_of.length > 0;
  return (
    <>
      <dl class="tiles">
        {figures.map(
          ([name, value]) =>
            value !== null && value !== undefined && <Tile key={name} name={name} value={number(value)} />,
        )}
      </dl>
      {isForDeadLetters && (
        <section class="card stack" aria-labelledby="dead-letters">
          <h2 id="dead-letters">{t.deadLetters}</h2>
          <Redrive place={place} details={details} />
          <Messages place={place} />
        </section>
      )}
      <Charts place={place} onCounted={onCounted} />
      <section class="card stack" aria-labelledby="properties">
        <h2 id="properties">{t.properties}</h2>
        <Properties source={place.source} details={details} />
      </section>
      <Policy place={place} policy={details.policy} />
    </>
  );
}
