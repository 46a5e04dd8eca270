"""Foreign readers of iCalendar that our calendars are put before: `icalendar`, `ical` and `ical.js`."""
