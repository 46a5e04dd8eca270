/** The spans of time that can be looked at. */

export const SPANS = ["hour", "day", "month"] as const;
export type Span = (typeof SPANS)[number];

interface Measure {
  minutes: number;
  /** At most so many parts; they are whole minutes, whole half-hours, half days. */
  buckets: number;
  /** Minutes between two labelled times: on a wide picture, on a narrow one. */
  marks: [number, number];
  /** How a mark's time is written. */
  label: Intl.DateTimeFormatOptions;
  /** How a part's time is written. */
  time: Intl.DateTimeFormatOptions;
}

export const MEASURES: Record<Span, Measure> = {
  hour: { minutes: 60, buckets: 60, marks: [10, 20], label: { timeStyle: "short" }, time: { timeStyle: "short" } },
  day: { minutes: 1_440, buckets: 48, marks: [180, 360], label: { timeStyle: "short" }, time: { timeStyle: "short" } },
  month: {
    minutes: 43_200,
    buckets: 60,
    marks: [7_200, 14_400],
    label: { day: "numeric", month: "short" },
    time: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  },
};
