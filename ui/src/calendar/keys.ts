/**
 * The keyboard among the days: one of them is in the tab order, the arrows go to its neighbours.
 *
 * The pattern of a grid; FullCalendar says it is one, and leaves the keys to us.
 */
import type { Calendar } from "fullcalendar";
import { dayOf } from "../deadline";

const CELLS = ".calendar-cell[data-date], .calendar-lane[data-date]";

export interface Keys {
  /** To be called when other days are shown. */
  settle: () => void;
  stop: () => void;
}

export function watchKeys(place: HTMLElement, calendar: Calendar, onEnter: (day: string) => void): Keys {
  let current = dayOf(new Date());
  let wantsFocus = false;

  /** The days that are walked: all of the month, or the week's columns without the whole-day row above them. */
  const cells = () => {
    const lanes = place.querySelectorAll<HTMLElement>(".calendar-lane[data-date]");
    return [...(lanes.length ? lanes : place.querySelectorAll<HTMLElement>(CELLS))];
  };

  const settle = () =>
    requestAnimationFrame(() => {
      const all = cells();
      const chosen =
        all.find((cell) => cell.dataset.date === current) ?? all.find((cell) => cell.ariaCurrent) ?? all[0];
      for (const cell of all) cell.tabIndex = cell === chosen ? 0 : -1;
      if (wantsFocus) chosen?.focus();
      wantsFocus = false;
    });

  function goTo(day: string): void {
    current = day;
    wantsFocus = true;
    if (!cells().some((cell) => cell.dataset.date === day)) calendar.gotoDate(day);
    settle();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const target = event.target as HTMLElement;
    const isCell = target.matches(CELLS);
    if (event.key === "PageUp" || event.key === "PageDown") {
      const step = event.key === "PageUp" ? -1 : 1;
      if (isCell) goTo(turned(target.dataset.date ?? current, calendar.view.type, step));
      else if (step < 0) calendar.prev();
      else calendar.next();
      event.preventDefault();
    } else if (isCell) {
      const day = target.dataset.date ?? current;
      const steps = stepsOf(event.key, day, calendar);
      if (steps !== null) goTo(moved(day, steps));
      else if (event.key === "Enter" || event.key === " ") onEnter(day);
      else return;
      event.preventDefault();
    }
  }

  function onFocusIn(event: FocusEvent): void {
    const target = event.target as HTMLElement;
    if (!target.matches(CELLS) || target.dataset.date === current) return;
    current = target.dataset.date ?? current;
    settle();
  }

  place.addEventListener("keydown", onKeyDown);
  place.addEventListener("focusin", onFocusIn);
  return {
    settle,
    stop() {
      place.removeEventListener("keydown", onKeyDown);
      place.removeEventListener("focusin", onFocusIn);
    },
  };
}

/** How many days a key goes on; null when it goes nowhere. */
function stepsOf(key: string, day: string, calendar: Calendar): number | null {
  const isMonth = calendar.view.type === "month";
  const weekday = (new Date(`${day}T12:00`).getDay() - (calendar.getOption("firstDay") ?? 0) + 7) % 7;
  if (key === "ArrowLeft") return -1;
  if (key === "ArrowRight") return 1;
  if (key === "ArrowUp") return isMonth ? -7 : null; // else it scrolls through the hours
  if (key === "ArrowDown") return isMonth ? 7 : null;
  if (key === "Home") return -weekday;
  if (key === "End") return 6 - weekday;
  return null;
}

function moved(day: string, days: number): string {
  const at = new Date(`${day}T12:00`);
  at.setDate(at.getDate() + days);
  return dayOf(at);
}

/** The same day of the next page; a month without it gives its last. */
function turned(day: string, view: string, step: number): string {
  if (view !== "month") return moved(day, 7 * step);
  const at = new Date(`${day}T12:00`);
  const last = new Date(at.getFullYear(), at.getMonth() + step + 1, 0).getDate();
  return dayOf(new Date(at.getFullYear(), at.getMonth() + step, Math.min(at.getDate(), last)));
}
