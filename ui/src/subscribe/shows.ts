/** What a feed shows, in words. */
import { locale, texts } from "../texts";
import type { FeedValues } from "./feeds";

const MINUTES = { minute: 1, hour: 60, day: 1_440 };

export function showsWords(feed: FeedValues): string[] {
  const t = texts.value.subscribe.shows;
  const words = [which(feed)];
  if (feed.text !== null) words.push(t.text(feed.text));
  if (feed.past_days !== null) words.push(t.past(feed.past_days));
  if (feed.future_days !== null) words.push(t.future(feed.future_days));
  if (feed.completed !== false) {
    words.push(t.finished[feed.finished]);
    if (feed.finished !== "hide" && feed.finished_days !== null) words.push(t.leave(feed.finished_days));
  }
  words.push(t.kinds[feed.show_as]);
  if (feed.all_day) words.push(t.allDay);
  if (feed.busy_only) words.push(t.busy);
  words.push(alarm(feed.alarm_minutes));
  return words;
}

function which({ completed }: FeedValues): string {
  const t = texts.value.subscribe.shows;
  if (completed === null) return t.all;
  return completed ? t.done : t.open;
}

function alarm(minutes: number | null): string {
  const t = texts.value.subscribe.shows;
  if (minutes === null) return t.noAlarm;
  if (minutes === 0) return t.alarmAt;
  const unit = minutes % MINUTES.day === 0 ? "day" : minutes % MINUTES.hour === 0 ? "hour" : "minute";
  return t.alarm(lengthWords(minutes / MINUTES[unit], unit));
}

function lengthWords(value: number, unit: string): string {
  return new Intl.NumberFormat(locale.value, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

/** `5 minutes`: in the largest unit that gives at least two. */
export function durationWords(seconds: number): string {
  const units: [string, number][] = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  const [unit, length] = units.find(([, each]) => seconds >= 2 * each) ?? ["second", 1];
  return lengthWords(Math.round(seconds / length), unit);
}
