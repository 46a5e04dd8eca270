/** What the API says of queues, and how it is asked. In all of them null means that the broker does not know such a thing. */
import { call, type CallOptions, type Failure } from "../api";
import { failureWords } from "../parts/line";
import type { QueuePlace } from "../router";

export interface Card {
  name: string;
  type: "Standard" | "FIFO" | null;
  created_at: string | null;
  available: number | null;
  in_flight: number | null;
  delayed: number | null;
  encryption: string | null;
  content_based_deduplication: boolean | null;
  dead_letter_queue: string | null;
  /** After so many receives a message goes there. */
  receives_max: number | null;
  /** The queues whose dead letters come here. */
  dead_letters_of: string[];
}

export interface Details extends Card {
  url: string | null;
  arn: string | null;
  policy: Record<string, unknown> | null;
  visibility_seconds: number | null;
  retention_seconds: number | null;
  delay_seconds: number | null;
  wait_seconds: number | null;
  bytes_max: number | null;
  consumers: number | null;
}

export interface Source {
  source: string;
  kind: "SQS" | "Redis" | "RabbitMQ" | "files";
  address: string;
  region: string | null;
  /** Whether it is SQS, but not AWS's own. */
  emulator: boolean;
  queues: Card[];
  /** Why nothing is known of its queues now. */
  trouble: string | null;
}

export interface Sources {
  is_writable: boolean;
  sources: Source[];
}

export const COUNTS = ["sent", "received", "deleted", "empty_receives"] as const;
export const LEVELS = ["available", "in_flight", "oldest_seconds"] as const;
export type Measure = (typeof COUNTS)[number] | (typeof LEVELS)[number];

/** Each list has a value for each step; the first step begins at `from`, seconds since 1970. */
export type Figures = Record<Measure, (number | null)[]> & {
  origin: "CloudWatch" | "laboratory" | null;
  step_seconds: number;
  from: number;
};

export interface Message {
  message_id: string;
  sent_at: string | null;
  receives: number;
  group: string | null;
  body: string;
  is_cut: boolean;
  attributes: Record<string, string>;
  source_queue: string | null;
}

export interface Messages {
  messages: Message[];
  is_all: boolean;
  note: string | null;
}

/** The last move of dead letters out of a queue. */
export interface Move {
  status: "NONE" | "RUNNING" | "COMPLETED" | "CANCELLING" | "CANCELLED" | "FAILED";
  moved: number;
  total: number | null;
  reason: string | null;
}

/** What is known of a queue; `part` is what is asked of it, such as `/figures`. Throws `Failure`. */
export function ask<T>({ source, name }: QueuePlace, part = "", options: CallOptions = {}): Promise<T> {
  return call<T>("GET", pathOf({ source, name }) + part, undefined, options);
}

/** Begin to move a queue's dead letters. Throws `Failure`. */
export function redrive(place: QueuePlace, to: string | null, perSecond: number | null): Promise<Move> {
  return call<Move>("POST", `${pathOf(place)}/redrive`, { to, per_second: perSecond });
}

function pathOf({ source, name }: QueuePlace): string {
  return `queues/${encodeURIComponent(source)}/${encodeURIComponent(name)}`;
}

/** A failure in words: where the broker is what failed, the server tells of it in a line of its own. */
export function troubleWords(failure: Failure): string {
  return failure.status === 503 && failure.message ? failure.message : failureWords(failure);
}
