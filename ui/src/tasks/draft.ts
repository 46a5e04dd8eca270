/** What is being typed as a new task; it outlives the view and a reload, not the tab. */
import { effect, signal } from "@preact/signals";

const KEPT_AS = "draft";

export const draft = signal(sessionStorage.getItem(KEPT_AS) ?? "");

effect(() => {
  sessionStorage.setItem(KEPT_AS, draft.value.slice(0, 20_000));
});
