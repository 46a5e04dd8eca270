/** FullCalendar's parts and the classes of styles/calendar.css they have: a theme of our own, half the size of a bundled one. */
import type { CalendarOptions } from "fullcalendar";
import { Icon } from "../parts/icon";
import { eventClass, eventContent } from "./event";

const LINE = "calendar-line"; // a border on all sides; FullCalendar takes away those that are too many

export const theme: CalendarOptions = {
  className: "calendar-root",
  viewClass: "calendar-view",
  tableHeaderClass: "calendar-head",
  fillerClass: LINE,
  dayHeaderRowClass: LINE,
  dayHeaderClass: (info) =>
    info.inPopover ? "popover-head" : `${LINE} calendar-day-head${info.isToday ? " today" : ""}`,
  dayHeaderInnerClass: "calendar-day-name",
  dayHeaderAlign: (info) => (info.inPopover ? "start" : "center"),
  dayHeaderDividerClass: "calendar-divider",
  dayRowClass: LINE,
  dayCellClass: (info) => {
    if (info.inPopover) return "popover-body";
    return [LINE, "calendar-cell", info.isOther && "other", info.isToday && "today"].filter(Boolean).join(" ");
  },
  dayCellTopClass: "calendar-cell-top",
  dayCellTopInnerClass: "calendar-number",
  dayCellInnerClass: "calendar-cell-body",
  dayCellBottomClass: "calendar-cell-foot",
  dayLaneClass: (info) => `${LINE} calendar-lane${info.isToday ? " today" : ""}`,
  dayLaneInnerClass: "calendar-lane-body",
  slotLaneClass: (info) => `${LINE} calendar-slot${info.isMinor ? " minor" : ""}`,
  slotHeaderRowClass: LINE,
  slotHeaderClass: (info) => `${LINE} calendar-slot calendar-axis${info.isMinor ? " minor" : ""}`,
  slotHeaderInnerClass: "calendar-axis-text",
  slotHeaderDividerClass: "calendar-axis-divider",
  allDayHeaderClass: "calendar-axis calendar-all-day",
  allDayHeaderInnerClass: "calendar-axis-text",
  allDayDividerClass: "calendar-all-day-divider",
  nowIndicatorHeaderClass: "calendar-now-arrow",
  nowIndicatorLineClass: "calendar-now",
  nowIndicatorDotClass: "calendar-now-dot",
  highlightClass: "calendar-highlight",
  eventClass,
  eventContent,
  blockEventClass: "event-block",
  rowEventClass: "event-row",
  columnEventClass: (info) => `event-column${info.isShort ? " short" : ""}`,
  eventInnerClass: "event-inner",
  listItemEventClass: "event-item",
  moreLinkClass: "calendar-more",
  moreLinkContent: (info) => (info.isNarrow ? info.numericText : info.text),
  columnMoreLinkClass: "in-column",
  popoverClass: "calendar-popover",
  popoverCloseClass: "quiet icon-button",
  popoverCloseContent: () => Icon({ name: "close" }),
  listDayHeaderClass: (info) => `agenda-day${info.isToday ? " today" : ""}`,
  listDayHeaderInnerClass: "agenda-day-text",
  listDayBodyClass: "agenda-body",
  noEventsClass: "agenda-empty",
  eventDisplay: "block",
};
