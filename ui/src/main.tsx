/** Starts the page: what is kept, the views, the live updates, the service worker. */
import { render } from "preact";
import { Frame } from "./frame";
import { ROOT } from "./root";
import * as live from "./store/live";
import * as mirror from "./store/mirror";
import * as outbox from "./store/outbox";
import * as sending from "./store/sending";
import { applyTheme } from "./theme";

applyTheme();
await mirror.start();
const place = document.getElementById("page");
if (place) render(<Frame />, place);
live.start();
sending.start();
void outbox.start(sending.send);

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(`${ROOT}sw.js`).catch(() => undefined); // works without, but does not open offline
}
