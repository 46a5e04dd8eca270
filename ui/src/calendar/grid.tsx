/** FullCalendar in its place: shows the tasks of the days that are seen, and tells what is clicked. */
import { effect, signal, untracked } from "@preact/signals";
import { Calendar, type EventInput } from "fullcalendar";
import dayGrid from "fullcalendar/daygrid";
import interaction from "fullcalendar/interaction";
import list from "fullcalendar/list";
import timeGrid from "fullcalendar/timegrid";
import type { MutableRef } from "preact/hooks";
import { useEffect, useRef } from "preact/hooks";
import { dayOf, type Reading, timeOf } from "../deadline";
import { minute } from "../parts/words";
import { locale } from "../texts";
import { drop } from "./drop";
import { eventsBetween, lookSame } from "./events";
import { watchKeys } from "./keys";
import { type Name, viewOptions } from "./options";
import { theme } from "./theme";

import "fullcalendar/skeleton.css";

/** What is seen now, for what is around the calendar. */
export interface Seen {
  title: string;
  /** Tasks in it, also those that are too many to be shown. */
  count: number;
}

interface Props {
  name: Name;
  isNarrow: boolean;
  calendar: MutableRef<Calendar | null>;
  onSeen: (seen: Seen) => void;
  onOpen: (key: string) => void;
  onAdd: (at: Reading) => void;
}

export function Grid({ name, isNarrow, calendar, onSeen, onOpen, onAdd }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const date = useRef(new Date());
  const latest = useRef({ name, onSeen, onOpen, onAdd });
  latest.current = { name, onSeen, onOpen, onAdd };

  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const range = signal<[Date, Date] | null>(null);
    let closesPopover = false;
    const made = new Calendar(element, {
      plugins: [dayGrid, timeGrid, list, interaction],
      ...theme,
      ...viewOptions(isNarrow),
      initialView: latest.current.name,
      initialDate: date.current,
      headerToolbar: false,
      nowIndicator: true,
      displayEventEnd: false,
      editable: true,
      eventDurationEditable: false,
      longPressDelay: 400,
      events: [],
      datesSet({ view }) {
        date.current = made.getDate();
        range.value = [view.activeStart, view.activeEnd];
        keys.settle();
      },
      eventClick({ event }) {
        latest.current.onOpen(event.id);
      },
      dateClick({ date: at, allDay }) {
        if (!closesPopover) latest.current.onAdd({ day: dayOf(at), time: allDay ? null : timeOf(at) });
      },
      eventDrop: drop,
      eventDidMount({ el, event }) {
        el.dataset.key = event.id;
      },
      // FullCalendar hides the text of its column headings from screen readers, and leaves a row's heading empty.
      dayHeaderDidMount({ el }) {
        el.querySelector("[aria-hidden]")?.removeAttribute("aria-hidden");
      },
      viewDidMount({ el }) {
        const heading = el.querySelector("[role=rowheader]:empty");
        if (!heading) return;
        const words = document.createElement("span");
        words.className = "unseen";
        words.textContent = heading.ariaLabel;
        heading.append(words);
      },
      dayCellDidMount({ el }) {
        el.tabIndex = -1;
      },
      dayLaneDidMount({ el }) {
        el.tabIndex = -1;
        el.ariaLabel = new Date(`${el.dataset.date}T12:00`).toLocaleDateString(locale.value, { dateStyle: "long" });
      },
    });
    calendar.current = made;
    const keys = watchKeys(element, made, (day) => latest.current.onAdd({ day, time: null }));
    const onPointerDown = () => {
      // This click takes the popover away, and that is all it should do.
      closesPopover = document.querySelector(".calendar-popover") !== null;
    };
    element.addEventListener("pointerdown", onPointerDown, true);
    made.render();
    let shown: EventInput[] = [];
    const stop = effect(() => {
      if (!range.value) return;
      const { events, count } = eventsBetween(...range.value, minute.value);
      untracked(() => {
        latest.current.onSeen({ title: made.view.title, count });
        if (lookSame(events, shown)) return;
        shown = events;
        made.setOption("events", events); // keeps the elements, and the focus, of those that stay
      });
    });
    return () => {
      stop();
      keys.stop();
      element.removeEventListener("pointerdown", onPointerDown, true);
      made.destroy();
      calendar.current = null;
    };
  }, [isNarrow, locale.value, calendar]);

  useEffect(() => {
    if (calendar.current && calendar.current.view.type !== name) calendar.current.changeView(name);
  }, [name, calendar]);

  return (
    <div class={name}>
      {/* its classes are FullCalendar's */}
      <div ref={place} />
    </div>
  );
}
