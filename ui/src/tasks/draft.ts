/** What is being typed as a new task; it outlives the view and a reload, not the tab. */
import { effect, signal } from "@preact/signals";
import { recall, remember } from "../kept";

const KEPT_AS = "draft";

export const draft = signal(recall(KEPT_AS, { session: true }) ?? "");

effect(() => {
  remember(KEPT_AS, draft.value.slice(0, 20_000), { session: true });
});
