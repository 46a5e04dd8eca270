/** Moves tasks to another day, in one request: by a word, a button, or a date in plain language. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { dayOf } from "../deadline";
import { Dialog } from "../parts/dialog";
import { deadlineWords, minute } from "../parts/words";
import type { Task } from "../store/tasks";
import { language, texts } from "../texts";
import { move } from "./actions";
import { type FindDates, loadDates, understandDate } from "./understand";

export function MoveDialog({ tasks, onClose }: { tasks: Task[]; onClose: () => void }) {
  const t = texts.value.tasks;
  const text = useSignal("");
  const isUnclear = useSignal(false);
  const dates = useSignal<FindDates | null>(null);
  useEffect(() => {
    loadDates(language.value).then(
      (find) => {
        dates.value = find;
      },
      () => undefined,
    );
  }, [dates]);
  const to = dates.value && understandDate(text.value, dates.value, new Date(minute.value));

  function finish(to: Parameters<typeof move>[1]) {
    onClose();
    move(tasks, to);
  }

  function submit(event: Event) {
    event.preventDefault();
    if (to) finish(to);
    else isUnclear.value = true;
  }

  const inDays = (days: number) => {
    const at = new Date(minute.value);
    at.setDate(at.getDate() + days);
    return { day: dayOf(at), time: null };
  };
  return (
    <Dialog title={t.moveHeading(tasks.length)} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <label class="field">
          <span>{t.moveField}</span>
          <input
            autofocus
            value={text.value}
            placeholder={t.movePlaceholder}
            autocomplete="off"
            aria-invalid={isUnclear.value}
            aria-describedby="move-hint"
            onInput={(event) => {
              text.value = event.currentTarget.value;
              isUnclear.value = false;
            }}
          />
        </label>
        <p id="move-hint" class={isUnclear.value ? "note error" : "hint"} role="status">
          {isUnclear.value
            ? t.moveNotUnderstood
            : to
              ? deadlineWords(to.time ? `${to.day}T${to.time}:00` : to.day)
              : t.moveHint}
        </p>
        <div class="row">
          <button type="button" onClick={() => finish(inDays(0))}>
            {t.today}
          </button>
          <button type="button" onClick={() => finish(inDays(1))}>
            {t.tomorrow}
          </button>
          <button type="button" onClick={() => finish(inDays(7))}>
            {t.nextWeek}
          </button>
          <button type="button" onClick={() => finish(null)}>
            {t.noDeadline}
          </button>
        </div>
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {texts.value.cancel}
          </button>
          <button type="submit" class="primary">
            {t.move}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
