/** One line that becomes a task: what is understood of it is shown as it is typed. */
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { deadlineOf, skippedTo } from "../deadline";
import { Icon } from "../parts/icon";
import { say } from "../parts/toast";
import { deadlineWords, minute } from "../parts/words";
import { add, listZone } from "../store/tasks";
import { language, texts } from "../texts";
import { TAGS_MAX, TITLE_MAX } from "../types";
import { draft } from "./draft";
import { activeKey } from "./selection";
import { type FindDates, loadDates, understand } from "./understand";

export function AddTask() {
  const t = texts.value.tasks;
  const field = useRef<HTMLInputElement>(null);
  const dates = useSignal<FindDates | null>(null);
  const ignored = useSignal<string | null>(null);
  const isBlank = useSignal(false);
  useEffect(() => {
    let isGone = false;
    loadDates(language.value).then(
      (find) => {
        if (!isGone) dates.value = find;
      },
      () => undefined, // without it a line is a title
    );
    return () => {
      isGone = true;
    };
  }, [language.value, dates]);
  const found = useComputed(() => understand(draft.value, dates.value, new Date(minute.value), ignored.value));
  const deadline = found.value.when ? deadlineOf(found.value.when, listZone.value) : null;
  const skipped = found.value.when && skippedTo(found.value.when);
  const problem = problemOf(found.value, isBlank.value);

  function submit(event: Event) {
    event.preventDefault();
    const { title, tags, priority } = found.value;
    if (title === "" || problemOf(found.value, false)) {
      isBlank.value = title === "";
      field.current?.focus();
      return;
    }
    activeKey.value = add({ title, deadline_at: deadline, tags, priority }, draft.value);
    draft.value = "";
    ignored.value = null;
    say(t.added(title), { life: 2_500 });
    field.current?.focus();
  }

  return (
    <form class="add card" onSubmit={submit}>
      <label class="unseen" for="add">
        {t.add}
      </label>
      <div class="add-line">
        <input
          id="add"
          ref={field}
          value={draft.value}
          placeholder={t.addPlaceholder}
          autocomplete="off"
          enterkeyhint="done"
          dir="auto"
          aria-describedby="understood"
          aria-invalid={problem !== null}
          onInput={(event) => {
            draft.value = event.currentTarget.value;
            isBlank.value = false;
          }}
        />
        <button type="submit" class="primary">
          <Icon name="plus" />
          <span>{t.addButton}</span>
        </button>
      </div>
      <div id="understood" class="understood" aria-live="polite">
        {problem !== null ? (
          <p class="problem">{problem}</p>
        ) : draft.value.trim() === "" ? (
          <p class="hint">{t.addHint}</p>
        ) : (
          <>
            <span class="hint">{t.understood}:</span>
            <strong dir="auto">{found.value.title}</strong>
            {deadline !== null ? (
              <span class="chip">
                <Icon name="clock" />
                {deadlineWords(deadline)}
                <button
                  type="button"
                  class="quiet"
                  aria-label={`${t.noDeadline}: ${found.value.whenText}`}
                  onClick={() => {
                    ignored.value = found.value.whenText;
                    field.current?.focus();
                  }}
                >
                  <Icon name="close" />
                </button>
              </span>
            ) : (
              <span class="hint">{t.noDate}</span>
            )}
            {found.value.tags.map((tag) => (
              <span key={tag} class="chip" dir="auto">
                #{tag}
              </span>
            ))}
            {found.value.priority > 0 && <span class="chip">{t.priority(found.value.priority)}</span>}
            {skipped && <span class="hint">{t.skipped(skipped)}</span>}
          </>
        )}
      </div>
    </form>
  );
}

function problemOf({ title, tags }: { title: string; tags: string[] }, isBlank: boolean): string | null {
  const t = texts.value.tasks;
  // As the server counts: characters, not the halves that some of them are made of.
  const length = title.length > TITLE_MAX ? [...title].length : title.length;
  if (length > TITLE_MAX) return t.tooLong(length);
  if (tags.length > TAGS_MAX) return t.tooManyTags;
  return isBlank ? t.blank : null;
}
