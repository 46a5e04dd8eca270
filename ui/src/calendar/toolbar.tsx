/** What is above the calendar: which days, which view, and a new task. */
import type { Calendar } from "fullcalendar";
import type { MutableRef } from "preact/hooks";
import { Icon } from "../parts/icon";
import { texts } from "../texts";
import { NAMES, type Name } from "./options";

interface Props {
  title: string;
  name: Name;
  isNarrow: boolean;
  calendar: MutableRef<Calendar | null>;
  onName: (name: Name) => void;
  onAdd: () => void;
}

export function Toolbar({ title, name, isNarrow, calendar, onName, onAdd }: Props) {
  const t = texts.value.calendar;
  const unit = name === "week" && isNarrow ? "days" : name;
  const heading = (
    <h2 key="title" class="calendar-title" aria-live="polite">
      {title}
    </h2>
  );
  const newTask = (
    <button type="button" class="primary" onClick={onAdd}>
      <Icon name="plus" />
      {texts.value.tasks.add}
    </button>
  );
  return (
    <div class="calendar-bar">
      {isNarrow && heading}
      <div class="calendar-turn">
        <button
          type="button"
          class="icon-button"
          aria-label={t.previous[unit]}
          onClick={() => calendar.current?.prev()}
        >
          <Chevron d="M15 5l-7 7 7 7" />
        </button>
        <button type="button" onClick={() => calendar.current?.today()}>
          {t.today}
        </button>
        <button type="button" class="icon-button" aria-label={t.next[unit]} onClick={() => calendar.current?.next()}>
          <Chevron d="M9 5l7 7-7 7" />
        </button>
      </div>
      {isNarrow ? newTask : heading}
      <fieldset class="segments">
        <legend class="unseen">{t.view}</legend>
        {NAMES.map((one) => (
          <button key={one} type="button" aria-pressed={one === name} onClick={() => onName(one)}>
            {t.views[one === "week" && isNarrow ? "days" : one]}
          </button>
        ))}
      </fieldset>
      {!isNarrow && newTask}
    </div>
  );
}

function Chevron({ d }: { d: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={d} />
    </svg>
  );
}
