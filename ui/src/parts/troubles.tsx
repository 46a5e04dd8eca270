/** Changes that could not be made as they were meant, each with what can be done: nothing is swallowed. */
import type { ComponentChildren } from "preact";
import { installation } from "../store/mirror";
import type { Operation } from "../store/operations";
import { discard, insist, outbox } from "../store/outbox";
import { add, valuesOf } from "../store/tasks";
import { draft } from "../tasks/draft";
import { texts } from "../texts";
import type { Todo, Values } from "../types";
import { keepFocus } from "./focus";
import { deadlineWords } from "./words";

export function Troubles() {
  const t = texts.value.trouble;
  const stuck = outbox.value.filter((operation) => operation.trouble);
  if (!stuck.length) return null;
  return (
    <section class="troubles card stack" aria-labelledby="troubles" onClick={keepFocus}>
      <h2 id="troubles">{t.heading}</h2>
      {stuck.map((operation) => (
        <Trouble key={operation.id} operation={operation} />
      ))}
    </section>
  );
}

function Trouble({ operation }: { operation: Operation }) {
  const t = texts.value.trouble;
  const { id, create, items = [], trouble } = operation;
  const first = items[0];
  const title = create?.values.title ?? first?.base.title ?? "";
  switch (trouble?.kind) {
    case "refused": {
      const words = trouble.words || texts.value.failure.trouble(trouble.status, "");
      const what = items.length > 1 ? t.several(items.length) : `“${shortened(title)}”`;
      return (
        <Row words={create ? t.refusedAdd(shortened(title), words) : t.refusedChange(what, words)} isError>
          <button type="button" onClick={() => insist(id, installation.value)}>
            {texts.value.retry}
          </button>
          {create && (
            <button
              type="button"
              onClick={() => {
                draft.value = create.line ?? create.values.title;
                discard(id);
              }}
            >
              {t.toField}
            </button>
          )}
          <button type="button" onClick={() => discard(id)}>
            {t.discard}
          </button>
        </Row>
      );
    }
    case "changed":
      return (
        <Row words={t.changed(shortened(trouble.theirs.title))}>
          <Compared values={first?.values ?? {}} deleted={first?.deleted ?? false} theirs={trouble.theirs} />
          <button type="button" onClick={() => insist(id, installation.value)}>
            {t.keepMine}
          </button>
          <button type="button" onClick={() => discard(id)}>
            {t.keepTheirs}
          </button>
        </Row>
      );
    case "elsewhere":
      return (
        <Row words={t.elsewhere(shortened(title))}>
          {create && (
            <button type="button" onClick={() => insist(id, installation.value)}>
              {t.makeHere}
            </button>
          )}
          <button type="button" onClick={() => discard(id)}>
            {t.discard}
          </button>
        </Row>
      );
    case "gone":
      return (
        <Row words={t.gone(shortened(title))}>
          <button
            type="button"
            onClick={() => {
              if (first) add({ ...valuesOf(first.base), ...first.values });
              discard(id);
            }}
          >
            {t.makeAnew}
          </button>
          <button type="button" onClick={() => discard(id)}>
            {t.letGo}
          </button>
        </Row>
      );
    default:
      return null;
  }
}

function Row({ words, isError, children }: { words: string; isError?: boolean; children: ComponentChildren }) {
  return (
    <div class={isError ? "note error stack" : "note warning stack"} role="alert">
      <p dir="auto">{words}</p>
      <div class="row">{children}</div>
    </div>
  );
}

/** The fields that both changed: how the reader wants them, and how they are now. */
function Compared({ values, deleted, theirs }: { values: Partial<Values>; deleted: boolean; theirs: Todo }) {
  const t = texts.value;
  const names = Object.keys(values) as (keyof Values)[];
  const labels: Record<keyof Values, string> = {
    title: t.tasks.title,
    description: t.tasks.description,
    completed: t.tasks.done,
    deadline_at: t.tasks.day,
    priority: t.tasks.priorityField,
    tags: t.tasks.tags,
  };
  return (
    <dl class="compared">
      <div>
        <dt>{t.trouble.mine}</dt>
        <dd dir="auto">
          {deleted
            ? t.trouble.deleted
            : names.map((name) => `${labels[name]}: ${shownValue(name, values)}`).join(" · ")}
        </dd>
      </div>
      <div>
        <dt>{t.trouble.theirs}</dt>
        <dd dir="auto">
          {(deleted ? (["title", "completed"] as const) : names)
            .map((name) => `${labels[name]}: ${shownValue(name, theirs)}`)
            .join(" · ")}
        </dd>
      </div>
    </dl>
  );
}

function shownValue(name: keyof Values, values: Partial<Values>): string {
  const value = values[name];
  if (name === "deadline_at") return value ? deadlineWords(value as string) : texts.value.tasks.noDate;
  if (typeof value === "boolean") return value ? "✓" : "–";
  return shortened(Array.isArray(value) ? value.join(", ") : String(value ?? "–"));
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
