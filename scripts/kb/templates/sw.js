// Keeps pages for the time without a network: those already seen, and all that a downtime needs.
// While the network is there it is asked first, always, so that no page is stale.
"use strict";
const CACHE = "handbook-{{ version }}";
const KEPT = {{ kept | safe }};

self.addEventListener("install", (event) => {
  const requests = KEPT.map((path) => new Request(path, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const former = (names) => names.filter((name) => name.startsWith("handbook-") && name !== CACHE);
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(former(names).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

const answer = async (request) => {
  const kept = () => caches.match(request, { ignoreSearch: true });
  try {
    const response = await fetch(request, { cache: "no-cache" });
    if (response.ok && !response.redirected) {
      const cache = await caches.open(CACHE);
      await cache.put(new URL(request.url).pathname, response.clone());
    }
    // A portal in front of a server that is gone answers, too.
    return response.status >= 500 ? (await kept()) ?? response : response;
  } catch (error) {
    const response = await kept();
    if (response) return response;
    throw error;
  }
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const inside = request.url.startsWith(self.registration.scope);
  // The offline copy is large, and who has it needs no copy of the copy.
  if (request.method === "GET" && inside && !request.url.endsWith(".zip")) event.respondWith(answer(request));
});
