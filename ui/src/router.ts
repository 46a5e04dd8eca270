/** Which view is shown, by the page's address. All views lie side by side, so that relative addresses hold in each. */
import { signal } from "@preact/signals";

export const VIEWS = ["tasks", "calendar", "subscribe", "activity"] as const;
export type View = (typeof VIEWS)[number];

/** The view's address, relative to any other's. */
export function addressOf(view: View): string {
  return view === "tasks" ? "./" : view;
}

function current(): View {
  const name = location.pathname.split("/").at(-1);
  return VIEWS.find((view) => view === name) ?? "tasks";
}

export const view = signal<View>(current());

/** Show a view, and put the focus on its heading so that a screen reader says where one is. */
export function go(to: View): void {
  if (to !== current()) history.pushState(null, "", addressOf(to));
  view.value = to;
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
  view.value = current();
  hasGone = true;
  requestAnimationFrame(focusLateHeading);
});
