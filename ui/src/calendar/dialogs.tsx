/** What opens over the calendar: a task to be edited, and a new one. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { deadlineOf, type Reading, skippedTo } from "../deadline";
import { Dialog } from "../parts/dialog";
import { Icon } from "../parts/icon";
import { say } from "../parts/toast";
import { add, listZone, tasks } from "../store/tasks";
import { removeAll, tick } from "../tasks/actions";
import { TaskEditor } from "../tasks/editor";
import { understand } from "../tasks/understand";
import { texts } from "../texts";
import { TITLE_MAX } from "../types";

/** The editor in a dialog, with what else can be done to the task. Closes by itself when the task is gone. */
export function TaskDialog({ taskKey, onClose }: { taskKey: string; onClose: () => void }) {
  const t = texts.value.tasks;
  const place = useRef<HTMLDivElement>(null);
  const task = tasks.value.find((one) => one.key === taskKey);
  useEffect(() => {
    if (!task) onClose();
  }, [task, onClose]);
  useEffect(() => place.current?.querySelector<HTMLElement>("[name=title]")?.focus(), []);
  if (!task) return null;
  const then = (act: () => void) => () => {
    act();
    onClose();
  };
  return (
    <Dialog title={task.title} onClose={onClose}>
      <div class="row">
        <button type="button" onClick={then(() => tick([task], !task.completed))}>
          <Icon name={task.completed ? "undo" : "check"} />
          {task.completed ? t.untick : t.tick}
        </button>
        <button type="button" onClick={then(() => removeAll([task]))}>
          <Icon name="delete" />
          {t.delete}
        </button>
      </div>
      <div ref={place}>
        <TaskEditor task={task} onDone={onClose} />
      </div>
    </Dialog>
  );
}

/** A new task on a day, and at a time unless it is the whole day. */
export function AddDialog({ at, onClose }: { at: Reading; onClose: () => void }) {
  const t = texts.value.tasks;
  const form = useRef<HTMLFormElement>(null);
  const title = useSignal("");
  const day = useSignal(at.day);
  const time = useSignal(at.time ?? "");
  const problem = useSignal<{ field: string; words: string } | null>(null);
  const focus = (field: string) => form.current?.querySelector<HTMLElement>(`[name="${field}"]`)?.focus();
  useEffect(() => focus("title"), []);
  const skipped = day.value && time.value ? skippedTo({ day: day.value, time: time.value }) : null;

  function submit(event: SubmitEvent) {
    event.preventDefault();
    problem.value = problemOf(title.value, day.value, time.value);
    if (problem.value) {
      focus(problem.value.field);
      return;
    }
    const deadline_at = day.value ? deadlineOf({ day: day.value, time: time.value || null }, listZone.value) : null;
    const { title: words, tags, priority } = understand(title.value, null, new Date()); // the day is in its field
    add({ title: words, deadline_at, tags, priority }, title.value);
    say(t.added(words));
    onClose();
  }

  const field = (name: string, value: { value: string }) => ({
    name,
    value: value.value,
    "aria-invalid": problem.value?.field === name,
    onInput: (event: Event) => {
      value.value = (event.currentTarget as HTMLInputElement).value;
    },
  });
  return (
    <Dialog title={t.add} onClose={onClose}>
      <form ref={form} class="form" onSubmit={submit} noValidate>
        <label class="field">
          <span>{t.title}</span>
          <input {...field("title", title)} dir="auto" autocomplete="off" enterkeyhint="done" />
        </label>
        <div class="pair calendar-when">
          <label class="field">
            <span>{t.day}</span>
            <input type="date" max="9999-12-31" {...field("day", day)} />
          </label>
          <label class="field">
            <span>
              {t.time} <small class="hint">{t.timeHint}</small>
            </span>
            <input type="time" {...field("time", time)} />
          </label>
        </div>
        {skipped && <p class="note warning">{t.skipped(skipped)}</p>}
        {problem.value && (
          <p class="note error" role="alert">
            {problem.value.words}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {texts.value.cancel}
          </button>
          <button type="submit" class="primary">
            {t.addButton}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function problemOf(title: string, day: string, time: string) {
  const t = texts.value.tasks;
  const length = [...title.trim()].length;
  if (length === 0) return { field: "title", words: t.blank };
  if (length > TITLE_MAX) return { field: "title", words: t.tooLong(length) };
  if (time && !day) return { field: "day", words: t.timeNeedsDay };
  return null;
}
