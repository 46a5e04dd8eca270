/** A task that was dragged: to another day, to another hour, or between whole days and times. */
import type { EventDropInfo } from "fullcalendar";
import { dayOf, deadlineOf, readingOf, timeOf } from "../deadline";
import { deadlineWords } from "../parts/words";
import { change, listZone, tasks } from "../store/tasks";
import { sayUndoable } from "../tasks/actions";
import { texts } from "../texts";

export function drop({ event, oldEvent, view, revert }: EventDropInfo): void {
  const task = tasks.value.find((one) => one.key === event.id);
  if (!task || task.deadline_at === null || !event.start) {
    revert(); // deleted, or without a deadline since the drag began
    return;
  }
  const zone = listZone.value;
  const before = readingOf(task.deadline_at, zone);
  const isSameKind = event.allDay === oldEvent.allDay;
  // Within a month only the day changes; the time is taken from the task, not from a clock that may skip it on that day.
  const time = event.allDay ? null : view.type === "month" && isSameKind ? before.time : timeOf(event.start);
  const deadline = deadlineOf({ day: dayOf(event.start), time }, zone, task.deadline_at);
  if (deadline === task.deadline_at) {
    revert();
    return;
  }
  const takeBack = change([task], () => ({ deadline_at: deadline }));
  sayUndoable(texts.value.tasks.moved(1, task.title, deadlineWords(deadline)), takeBack);
}
