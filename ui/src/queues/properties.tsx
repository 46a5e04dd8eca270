/** How a queue is set, as labelled pairs; what its broker does not know is left out. */
import type { ComponentChildren } from "preact";
import { number, texts } from "../texts";
import type { Details } from "./answers";
import { QueueLink } from "./link";
import { bytesWords, dateWords, durationWords, encryptionWords, switchWords } from "./words";

export function Properties({ source, details }: { source: string; details: Details }) {
  const t = texts.value.queues;
  const { columns, settings } = t;
  const pairs: [string, ComponentChildren][] = [];
  const whole: string[] = [settings.url, settings.arn];
  const add = <T,>(name: string, value: T | null | undefined, words: (value: T) => ComponentChildren) => {
    if (value !== null && value !== undefined) pairs.push([name, words(value)]);
  };
  const long = (seconds: number) => durationWords(seconds);
  const text = (value: string) => <bdi>{value}</bdi>;
  add(columns.type, details.type, text);
  add(columns.created_at, details.created_at, (at) => dateWords(at, { timeStyle: "medium" }));
  add(columns.encryption, details.encryption, encryptionWords);
  add(columns.content_based_deduplication, details.content_based_deduplication, switchWords);
  add(settings.visibility, details.visibility_seconds, long);
  add(settings.retention, details.retention_seconds, long);
  add(settings.delay, details.delay_seconds, long);
  add(settings.wait, details.wait_seconds, long);
  add(settings.bytes, details.bytes_max, bytesWords);
  add(columns.dead_letter_queue, details.dead_letter_queue, (name) => (
    <>
      <QueueLink source={source} name={name} />
      {details.receives_max !== null && `, ${t.afterReceives(details.receives_max, number(details.receives_max))}`}
    </>
  ));
  if (details.dead_letters_of.length) {
    pairs.push([
      settings.deadLettersOf,
      <ul class="plain">
        {details.dead_letters_of.map((name) => (
          <li key={name}>
            <QueueLink source={source} name={name} />
          </li>
        ))}
      </ul>,
    ]);
  }
  add(settings.url, details.url, text);
  add(settings.arn, details.arn, text);
  if (!pairs.length) return <p class="hint">{t.noProperties}</p>;
  return (
    <dl class="pairs">
      {pairs.map(([name, value]) => (
        <div key={name} class={whole.includes(name) ? "whole" : undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
