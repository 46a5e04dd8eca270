/** Keeps the mirror fresh while the page can be seen: by the list's event stream, and by asking where there is none. */
import { ROOT } from "../root";
import { LIST_ID } from "../types";
import { doubt, list, sync } from "./mirror";
import { send } from "./sending";

/** Between two looks while the stream is not to be had: the server has room for a few only. */
const LOOK_MS = 10_000;
/** However well the stream works: nothing stays wrong for longer. */
const CHECK_MS = 60_000;

let stream: EventSource | null = null;
let lastLook = 0;

function connect(): void {
  if (stream || document.hidden) return;
  stream = new EventSource(`${ROOT}api/v1/lists/${LIST_ID}/events`);
  stream.addEventListener("message", (event: MessageEvent<string>) => {
    const { revision } = JSON.parse(event.data) as { revision: number };
    if (revision !== list.value?.revision) look();
  });
  stream.addEventListener("open", () => void send({ now: true }));
  stream.addEventListener("error", () => {
    doubt();
    if (stream?.readyState === EventSource.CLOSED) disconnect(); // no room: asked again below
  });
}

function disconnect(): void {
  stream?.close();
  stream = null;
}

function look(): void {
  lastLook = Date.now();
  void sync();
}

/** Begin, for as long as the page lives. */
export function start(): void {
  look();
  connect();
  document.addEventListener("visibilitychange", () => {
    // A hidden page's stream would take one of the six connections that a browser has for a server.
    if (document.hidden) disconnect();
    else {
      look();
      connect();
    }
  });
  addEventListener("online", look);
  setInterval(() => {
    if (document.hidden) return;
    connect();
    const isLive = stream?.readyState === EventSource.OPEN;
    if (Date.now() - lastLook >= (isLive ? CHECK_MS : LOOK_MS)) look();
  }, LOOK_MS);
}
