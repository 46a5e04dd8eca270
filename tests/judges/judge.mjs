// Reads calendars with ical.js: a JSON text with one on each line of the input, what it holds on a line of the output.
import { createInterface } from "node:readline";
import ICAL from "ical.js";

// ical.js doesn't know these (RFC 7986, and conventions) and would leave their escapes alone.
for (const name of ["name", "x-wr-calname", "color", "x-wr-timezone"]) {
  ICAL.design.icalendar.property[name] = { defaultType: "text" };
}

const pad = (number, width = 2) => String(number).padStart(width, "0");

function iso(time) {
  const day = `${pad(time.year, 4)}-${pad(time.month)}-${pad(time.day)}`;
  if (time.isDate) return day;
  if (![ICAL.Timezone.utcTimezone, ICAL.Timezone.localTimezone].includes(time.zone)) {
    throw new Error(`${time} is neither floating nor in UTC`);
  }
  const utc = time.zone === ICAL.Timezone.utcTimezone ? "Z" : "";
  return `${day}T${pad(time.hour)}:${pad(time.minute)}:${pad(time.second)}${utc}`;
}

const value = (component, name) => component.getFirstPropertyValue(name);
const time = (component, name) => (value(component, name) ? iso(value(component, name)) : null);
const minutes = (duration) => duration.toSeconds() / 60;

function common(component) {
  return {
    uid: value(component, "uid"),
    summary: value(component, "summary"),
    description: value(component, "description"),
    stamp: time(component, "dtstamp"),
    modified: time(component, "last-modified"),
    sequence: value(component, "sequence"),
    categories: component.getFirstProperty("categories")?.getValues() ?? [],
    priority: value(component, "priority"),
    alarms: component.getAllSubcomponents("valarm").map((alarm) => ({
      action: value(alarm, "action"),
      description: value(alarm, "description"),
      minutes_before: 0 - minutes(value(alarm, "trigger")),
      related: alarm.getFirstProperty("trigger").getParameter("related") ?? "START",
    })),
  };
}

function read(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  if (value(calendar, "name") !== value(calendar, "x-wr-calname")) throw new Error("two names for one calendar");
  const refresh = value(calendar, "refresh-interval");
  if ((refresh?.toString() ?? null) !== value(calendar, "x-published-ttl")) throw new Error("two refresh intervals");
  return {
    prodid: value(calendar, "prodid"),
    name: value(calendar, "name"),
    color: value(calendar, "color"),
    time_zone: value(calendar, "x-wr-timezone"),
    refresh_minutes: refresh ? minutes(refresh) : null,
    events: calendar.getAllSubcomponents("vevent").map((event) => ({
      ...common(event),
      start: time(event, "dtstart"),
      end: time(event, "dtend"),
      duration_minutes: value(event, "duration") ? minutes(value(event, "duration")) : null,
      transparency: value(event, "transp"),
    })),
    todos: calendar.getAllSubcomponents("vtodo").map((todo) => ({
      ...common(todo),
      due: time(todo, "due"),
      status: value(todo, "status"),
      completed: time(todo, "completed"),
      percent: value(todo, "percent-complete"),
    })),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = read(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
