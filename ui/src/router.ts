/** Which view is shown, by the page's address. All views lie side by side; a queue lies two folders below its view's. */
import { batch, signal } from "@preact/signals";
import { ROOT_PATH } from "./root";

export const VIEWS = ["tasks", "calendar", "subscribe", "activity", "queues"] as const;
export type View = (typeof VIEWS)[number];

/** One queue: whose it is, and what it is called there. */
export interface QueuePlace {
  source: string;
  name: string;
}

/** Whether a queue can have an address: these are what addresses have a meaning of their own for. */
export function hasAddress({ name }: QueuePlace): boolean {
  return !name.includes("/") && name !== "." && name !== "..";
}

/** The address of a view, or of a queue in it. */
export function addressOf(view: View, queue: QueuePlace | null = null): string {
  if (queue) return `${ROOT_PATH}${view}/${encodeURIComponent(queue.source)}/${encodeURIComponent(queue.name)}`;
  return view === "tasks" ? ROOT_PATH : `${ROOT_PATH}${view}`;
}

function current(): { view: View; queue: QueuePlace | null } {
  const [first, source, name] = location.pathname.slice(ROOT_PATH.length).split("/");
  const view = VIEWS.find((one) => one === first) ?? "tasks";
  return { view, queue: view === "queues" && source && name ? decoded(source, name) : null };
}

function decoded(source: string, name: string): QueuePlace | null {
  try {
    return { source: decodeURIComponent(source), name: decodeURIComponent(name) };
  } catch {
    return null; // typed by hand, and not UTF-8
  }
}

const first = current();
export const view = signal<View>(first.view);

/** The queue that the view of queues shows alone; null: all of them. */
export const queue = signal<QueuePlace | null>(first.queue);

function show(next: { view: View; queue: QueuePlace | null }): void {
  batch(() => {
    view.value = next.view;
    const { value } = queue;
    const isSame = value?.source === next.queue?.source && value?.name === next.queue?.name;
    if (!isSame) queue.value = next.queue;
  });
}

/** Show a view, and put the focus on its heading so that a screen reader says where one is. */
export function go(to: View, one: QueuePlace | null = null): void {
  const address = addressOf(to, one);
  if (address !== location.pathname) history.pushState(null, "", address);
  show({ view: to, queue: one });
  window.scrollTo(0, 0);
  hasGone = true;
  requestAnimationFrame(focusHeading);
}

let hasGone = false;

/** Put the focus on the view's heading; for a view whose code came late, unless it is the first or one went on already. */
export function focusLateHeading(): void {
  const { activeElement } = document;
  if (hasGone && (!activeElement || activeElement === document.body)) focusHeading();
}

function focusHeading(): void {
  document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
}

addEventListener("popstate", () => {
  show(current());
  hasGone = true;
  requestAnimationFrame(focusLateHeading);
});
