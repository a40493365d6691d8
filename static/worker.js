/* The service worker (portal/views/offline.py puts KEPT before it). It keeps static files and the page that says that
   there is no signal; never another page, and nothing of anybody. */
"use strict";

const NAME = `keywork-${KEPT.version}`;

addEventListener("install", (event) => {
  const files = KEPT.files.map((file) => new Request(file, { credentials: "omit" }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(files)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(old).then(() => clients.claim()));
});

const noSignal = () => caches.match(KEPT.offline);

const quoted = (text) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;").replace(/\r?\n/g, "&#10;");

// A form that went into the air: its fields wait in the page that says so, which sends them on. They carry the form's
// own key, so that one which did arrive is not saved again.
const waitsInItsPage = async (sent) => {
  const page = await noSignal();
  const fields = [...(await sent.formData())].filter(([, value]) => typeof value === "string");
  const inputs = fields.map(([name, value]) => `<input type="hidden" name="${quoted(name)}" value="${quoted(value)}">`);
  const form = `<form id="kept" method="post" action="${quoted(sent.url)}">${inputs.join("")}</form>`;
  const html = (await page.text()).replace("<!-- kept -->", () => form);
  const headers = new Headers(page.headers);
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  return new Response(html, { headers });
};

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(fetch(request).catch(noSignal));
  else if (request.mode === "navigate") {
    if (!request.headers.get("Content-Type")?.startsWith("application/x-www-form-urlencoded")) return; // files are not held twice
    const copy = request.clone();
    event.respondWith(fetch(request).catch(() => waitsInItsPage(copy)));
  } else if (request.method === "GET" && KEPT.files.includes(url.pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});
