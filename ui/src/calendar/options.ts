/** What the calendar shows, by view and language; no behaviour. */
import type { CalendarOptions, LocaleInput } from "fullcalendar";
import { locale, texts } from "../texts";
import { recall, remember } from "../kept";

export const NAMES = ["month", "week", "agenda"] as const;
export type Name = (typeof NAMES)[number];

/** Narrower than that, a week's days are too thin to read: three are shown. */
export const NARROW = "(max-width: 46rem)";

const KEPT_AS = "calendar view";

/** The view that was last looked at; else the one that suits the window. */
export function firstName(): Name {
  const kept = recall(KEPT_AS);
  return NAMES.find((name) => name === kept) ?? (matchMedia(NARROW).matches ? "agenda" : "month");
}

export function keepName(name: Name): void {
  remember(KEPT_AS, name);
}

export function viewOptions(isNarrow: boolean): CalendarOptions {
  const weekday = isNarrow ? "narrow" : "short";
  return {
    locale: localeOptions(),
    firstDay: firstDay(locale.value),
    eventTimeFormat: { hour: "numeric", minute: "2-digit" },
    popoverFormat: { weekday: "long", day: "numeric", month: "long" },
    views: {
      month: {
        type: "dayGridMonth",
        contentHeight: "auto",
        aspectRatio: 1.8, // of which only the least height of a week is made
        fixedWeekCount: false,
        dayHeaderFormat: { weekday },
        dayMaxEvents: isNarrow ? 2 : 3,
        eventOrder: "isDone,start,allDay,title", // what is open is seen before what is done
        displayEventTime: !isNarrow,
      },
      week: {
        type: "timeGrid",
        duration: isNarrow ? { days: 3 } : { weeks: 1 },
        contentHeight: "max(24rem, 100dvh - 16rem)",
        dayHeaderFormat: { weekday: "short", day: "numeric" },
        slotHeaderFormat: { hour: "numeric", minute: "2-digit" },
        slotDuration: "00:30:00",
        slotMinHeight: 1.6 * rem(),
        eventMinHeight: 1.5 * rem(),
        eventShortHeight: 2.5 * rem(),
        dayMaxEvents: 3,
        eventMaxStack: isNarrow ? 2 : 3,
        slotEventOverlap: false,
        scrollTime: "07:00:00",
        displayEventTime: !isNarrow,
      },
      agenda: {
        type: "list",
        duration: { weeks: 4 },
        dateAlignment: "week",
        contentHeight: "auto",
        listDayFormat: { weekday: "long" },
        listDayAltFormat: { day: "numeric", month: "long" },
        eventInteractive: false, // see eventContent
      },
    },
  };
}

function localeOptions(): LocaleInput {
  const t = texts.value.calendar;
  return {
    code: locale.value,
    allDayText: t.allDay,
    timedText: t.timed,
    noEventsText: t.none,
    eventsHint: t.tasks,
    closeHint: texts.value.close,
    moreLinkText: t.more,
    moreLinkHint: t.moreHint,
  };
}

function rem(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

interface WithWeek extends Intl.Locale {
  getWeekInfo?: () => { firstDay: number };
  weekInfo?: { firstDay: number };
}

/** The week's first day in a locale, 0 for Sunday. */
function firstDay(tag: string): number {
  const known = new Intl.Locale(tag) as WithWeek;
  const week = known.getWeekInfo?.() ?? known.weekInfo;
  if (week) return week.firstDay % 7;
  return /^en(-US|-CA)?$/.test(tag) ? 0 : 1; // not every browser tells
}
