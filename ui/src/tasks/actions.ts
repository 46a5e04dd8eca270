/** What a person does to tasks, said in a message that can undo it. */
import { deadlineOf, readingOf } from "../deadline";
import { dismiss, say } from "../parts/toast";
import { dayWords } from "../parts/words";
import { change, listZone, remove, type Task, UNDO_MS } from "../store/tasks";
import { texts } from "../texts";

/** The last thing that can be undone, and the message that says so; null when there is nothing. */
let last: { takeBack: () => void; toast: number } | null = null;

/** Undo the last thing that can be undone. */
export function undoLast(): void {
  if (!last) return;
  const { takeBack, toast } = last;
  dismiss(toast);
  takeBack();
}

/** Say what was done, with a button that undoes it; one such message at a time. */
export function sayUndoable(text: string, takeBack: () => void): void {
  if (last) dismiss(last.toast);
  // What is no longer offered is no longer undone, by a key neither.
  const onGone = () => {
    last = null;
  };
  const toast = say(text, { action: { label: texts.value.undo, run: takeBack }, life: UNDO_MS, onGone });
  last = { takeBack, toast };
}

export function tick(some: Task[], completed: boolean): void {
  const changed = some.filter((task) => task.completed !== completed);
  if (!changed.length) return;
  const takeBack = change(changed, () => ({ completed }));
  const t = texts.value.tasks;
  sayUndoable((completed ? t.ticked : t.unticked)(changed.length, changed[0]?.title ?? ""), takeBack);
}

export function removeAll(some: Task[]): void {
  if (!some.length) return;
  sayUndoable(texts.value.tasks.deleted(some.length, some[0]?.title ?? ""), remove(some));
}

/** Move tasks to a day, each at its own time unless one is given; to no deadline with null. */
export function move(some: Task[], to: { day: string; time: string | null } | null): void {
  if (!some.length) return;
  const zone = listZone.value;
  const takeBack = change(some, (task) => {
    if (!to) return { deadline_at: null };
    const time = to.time ?? (task.deadline_at === null ? null : readingOf(task.deadline_at, zone).time);
    return { deadline_at: deadlineOf({ day: to.day, time }, zone, task.deadline_at) };
  });
  const t = texts.value.tasks;
  sayUndoable(
    t.moved(some.length, some[0]?.title ?? "", to ? dayWords(to.day) : t.noDeadline.toLocaleLowerCase()),
    takeBack,
  );
}
