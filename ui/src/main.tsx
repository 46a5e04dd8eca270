/** Starts the page: what is kept, the views, the live updates, the service worker. */
import { render } from "preact";
import { Frame } from "./frame";
import * as live from "./store/live";
import * as mirror from "./store/mirror";
import * as outbox from "./store/outbox";
import { applyTheme } from "./theme";

applyTheme();
await mirror.start();
const place = document.getElementById("page");
if (place) render(<Frame />, place);
live.start();
void outbox.start();

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("./sw.js").catch(() => undefined)); // works without, but not offline
}
