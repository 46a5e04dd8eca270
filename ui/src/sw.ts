/**
 * The service worker: keeps the page's own files, so that it opens without a line. Knows no task: those are in
 * the page's database, and what the API answers is never kept here.
 */
declare const self: ServiceWorkerGlobalScope;

export {};

const VERSION = "__VERSION__"; // both are filled in by the build
const FILES: string[] = JSON.parse("__FILES__");

const CACHE = `page-${VERSION}`;
const VIEWS = ["", "calendar", "subscribe", "activity", "queues"];
/** The views that lie two folders down, where the same page finds its parts elsewhere; and one address of them. */
const DEEPER = /^queues\/[^/]+\/[^/]+$/;
const SOME_DEEPER = "queues/-/-";
const root = new URL("./", self.location.href);
const deeper = new URL(SOME_DEEPER, root);

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(FILES.map((name) => new URL(name, root).href)); // hashed names: the browser's copies will do
      await cache.add(new Request(root.href, { cache: "reload" }));
      await cache.add(new Request(deeper.href, { cache: "reload" }));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith("page-") && name !== CACHE) await caches.delete(name);
      }
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== root.origin || !url.pathname.startsWith(root.pathname)) return;
  const name = url.pathname.slice(root.pathname.length);
  if (event.request.mode === "navigate") {
    if (VIEWS.includes(name)) event.respondWith(page(event.request, root.href));
    else if (DEEPER.test(name)) event.respondWith(page(event.request, deeper.href));
  } else if (FILES.includes(name)) {
    event.respondWith(kept(url.href, event.request));
  }
});

/** The page as the server has it, when it answers soon and well; otherwise the one that was kept. */
async function page(request: Request, key: string): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(3_000) });
    if (answer.status < 500) return answer; // also where it leads elsewhere, as to a sign-in
  } catch {
    // no line, or a server that hangs
  }
  return kept(key, request);
}

async function kept(key: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(key, { ignoreVary: true })) ?? fetch(request);
}
