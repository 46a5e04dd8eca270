// Reads calendars with ical.js: a JSON text with one on each line of the input, what it holds on a line of the output.
import { createInterface } from "node:readline";
import ICAL from "ical.js";

// ical.js doesn't know these two (RFC 7986, and a convention) and would leave their escapes alone.
for (const name of ["name", "x-wr-calname"]) {
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

function read(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const value = (component, name) => component.getFirstPropertyValue(name);
  if (value(calendar, "name") !== value(calendar, "x-wr-calname")) throw new Error("two names for one calendar");
  return {
    prodid: value(calendar, "prodid"),
    name: value(calendar, "name"),
    events: calendar.getAllSubcomponents("vevent").map((event) => ({
      uid: value(event, "uid"),
      summary: value(event, "summary"),
      description: value(event, "description"),
      start: iso(value(event, "dtstart")),
      stamp: iso(value(event, "dtstamp")),
      modified: iso(value(event, "last-modified")),
      sequence: value(event, "sequence"),
      transparency: value(event, "transp"),
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
