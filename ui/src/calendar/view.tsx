/** The calendar: every task with a deadline on its day, by month, week or as an agenda. */
import type { Calendar } from "fullcalendar";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { dayOf, type Reading } from "../deadline";
import { failureWords } from "../parts/line";
import { failure, isWhole, state, sync } from "../store/mirror";
import { texts } from "../texts";
import { AddDialog, TaskDialog } from "./dialogs";
import { dated, SHOWN_MAX } from "./events";
import { Grid, type Seen } from "./grid";
import { firstName, keepName, NARROW } from "./options";
import { Toolbar } from "./toolbar";

import "../styles/calendar.css";
import "../styles/calendar-tasks.css";

export function CalendarView() {
  const t = texts.value.calendar;
  const calendar = useRef<Calendar | null>(null);
  const place = useRef<HTMLDivElement>(null);
  const [name, setName] = useState(firstName);
  const [seen, setSeen] = useState<Seen>({ title: "", count: 0 });
  const [opened, setOpened] = useState<string | null>(null);
  const [added, setAdded] = useState<Reading | null>(null);
  const isNarrow = useNarrow();

  const onSeen = useCallback((next: Seen) => {
    setSeen((before) => (before.title === next.title && before.count === next.count ? before : next));
  }, []);
  const onClose = useCallback(() => {
    setOpened(null);
    setAdded(null);
  }, []);
  useFocusBack(place, opened);

  const isWaiting = state.value === "waiting";
  return (
    <>
      <h1 tabIndex={-1}>{t.heading}</h1>
      <Toolbar
        title={seen.title}
        name={name}
        isNarrow={isNarrow}
        calendar={calendar}
        onName={(next) => {
          setName(next);
          keepName(next);
        }}
        onAdd={() => setAdded({ day: dayOf(new Date()), time: null })}
      />
      {isWaiting && <Waiting />}
      {!isWaiting && isWhole.value && dated.value.length === 0 && (
        <p class="note">
          <strong>{t.empty}.</strong> {t.emptyHint}
        </p>
      )}
      {seen.count > SHOWN_MAX && <p class="note warning">{t.tooMany(SHOWN_MAX, seen.count)}</p>}
      <div ref={place} class="calendar">
        <Grid name={name} isNarrow={isNarrow} calendar={calendar} onSeen={onSeen} onOpen={setOpened} onAdd={setAdded} />
      </div>
      {name !== "agenda" && (
        <>
          <p class="hint for-mouse">{t.hint}</p>
          <p class="hint for-touch">{t.touchHint}</p>
        </>
      )}
      {opened !== null && <TaskDialog taskKey={opened} onClose={onClose} />}
      {added && <AddDialog at={added} onClose={onClose} />}
    </>
  );
}

/** Nothing is known yet: it is being loaded, or could not be. */
function Waiting() {
  const why = failure.value;
  if (!why) {
    return (
      <p class="hint" role="status">
        {texts.value.loading}
      </p>
    );
  }
  return (
    <div class="note error row" role="alert">
      {texts.value.tasks.failed} {failureWords(why)}
      <button type="button" onClick={() => void sync()}>
        {texts.value.retry}
      </button>
    </div>
  );
}

/** Put the focus back on a task whose dialog was closed: what opened it may have been drawn anew, or have been a popover. */
function useFocusBack(place: { current: HTMLElement | null }, opened: string | null): void {
  const last = useRef<string | null>(null);
  useEffect(() => {
    if (opened !== null) {
      last.current = opened;
      return;
    }
    const key = last.current;
    last.current = null;
    if (key === null) return;
    const frame = requestAnimationFrame(() => {
      const focused = document.activeElement;
      if (focused && focused !== document.body) return;
      const event = place.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
      (
        event?.querySelector<HTMLElement>("button") ??
        event ??
        place.current?.querySelector<HTMLElement>('[tabindex="0"]')
      )?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [opened, place]);
}

function useNarrow(): boolean {
  const [isNarrow, setIsNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const onChange = () => setIsNarrow(query.matches);
    query.addEventListener("change", onChange);
    return () => query.removeEventListener("change", onChange);
  }, []);
  return isNarrow;
}
