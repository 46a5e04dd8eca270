/** How one task looks in the calendar. What it says without color, it says to screen readers too. */
import type { EventDisplayInfo } from "fullcalendar";
import { Icon } from "../parts/icon";
import { texts } from "../texts";
import type { Carried } from "./events";

export function eventContent(info: EventDisplayInfo) {
  const { task, isOverdue } = info.event.extendedProps as Carried;
  const t = texts.value.tasks;
  const words = (
    <>
      {task.completed && (
        <span class="event-mark">
          <span aria-hidden="true">✓</span>
          <span class="unseen">{t.done}: </span>
        </span>
      )}
      {isOverdue && (
        <span class="event-mark">
          <Icon name="warning" />
          <span class="unseen">{t.overdue}: </span>
        </span>
      )}
      {info.timeText && <span class="event-time">{info.timeText} </span>}
      <span class="event-title" dir="auto">
        {task.title}
      </span>
      {task.isWaiting && (
        <span class="event-mark event-waits">
          <Icon name="waiting" />
          <span class="unseen"> ({t.waits})</span>
        </span>
      )}
    </>
  );
  // A row of the agenda is an item of a list, and so cannot be a button itself.
  if (!info.isInteractive) {
    return (
      <button type="button" class="quiet event-button">
        {words}
      </button>
    );
  }
  return words;
}

export function eventClass(info: EventDisplayInfo): string {
  const { task, isOverdue } = info.event.extendedProps as Carried;
  return ["event", task.completed && "event-done", isOverdue && "event-overdue", info.isDragging && "event-dragged"]
    .filter(Boolean)
    .join(" ");
}
