/** The list's feeds, as the server has them, and what is done to them. */
import { signal } from "@preact/signals";
import { call, Failure } from "../api";
import { list } from "../store/mirror";
import { texts } from "../texts";
import { LIST_ID } from "../types";

/** What of a feed can be chosen; null is none, or all. */
export interface FeedValues {
  name: string | null;
  completed: boolean | null;
  text: string | null;
  past_days: number | null;
  future_days: number | null;
  finished: "show" | "mark" | "hide";
  finished_days: number | null;
  show_as: "events" | "todos" | "both";
  all_day: boolean;
  alarm_minutes: number | null;
  busy_only: boolean;
  color: string | null;
}

export interface Feed extends FeedValues {
  id: number;
  is_default: boolean;
  /** Null when it was revoked, or made with another secret than the server's. */
  url: string | null;
  webcal_url: string | null;
  revoked: boolean;
  /** UTC without zone. */
  built_at: string | null;
  bytes: number | null;
  todos: number | null;
  failure: string | null;
  warnings: string[];
}

/** The default feed first; null before the first answer. */
export const feeds = signal<Feed[] | null>(null);

/** Why the last look failed, null when it did not. */
export const failure = signal<Failure | null>(null);

let turn = 0;

/** Ask for the feeds; what was answered to an earlier question than the last is not shown any more. */
export async function refresh(): Promise<void> {
  turn += 1;
  const mine = turn;
  try {
    const found = await call<Feed[]>("GET", `feeds?list_id=${LIST_ID}`);
    if (mine !== turn) return;
    feeds.value = found;
    failure.value = null;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (mine === turn) failure.value = error;
  }
}

/** All that follow throw `Failure`. */
export async function create(values: FeedValues): Promise<Feed> {
  return shown(await call<Feed>("POST", "feeds", { ...values, list_id: LIST_ID }));
}

export async function change(feed: Feed, values: Partial<FeedValues>): Promise<Feed> {
  return shown(await call<Feed>("PATCH", `feeds/${feed.id}`, values));
}

/** Give it a new address; the old one is gone. */
export async function rotate(feed: Feed): Promise<void> {
  shown(await call<Feed>("POST", `feeds/${feed.id}/rotate`));
}

export async function revoke(feed: Feed): Promise<void> {
  shown(await call<Feed>("POST", `feeds/${feed.id}/revoke`));
}

export async function remove(feed: Feed): Promise<void> {
  await call("DELETE", `feeds/${feed.id}`);
  turn += 1;
  feeds.value = (feeds.value ?? []).filter(({ id }) => id !== feed.id);
}

function shown(feed: Feed): Feed {
  turn += 1; // an answer that is on its way is older
  const known = feeds.value ?? [];
  const isKnown = known.some(({ id }) => id === feed.id);
  feeds.value = isKnown ? known.map((one) => (one.id === feed.id ? feed : one)) : [...known, feed];
  return feed;
}

/** What a feed is called, as calendar apps do; those without a name of their own are told apart. */
export function nameOf(feed: Feed): string {
  const t = texts.value.subscribe.feed;
  if (feed.name !== null) return feed.name;
  const listName = list.value?.name ?? t.fallback;
  if (feed.is_default) return feed.busy_only ? t.busy : listName;
  return t.unnamed(feed.busy_only ? t.busy : listName, feed.id);
}
