/* The page that says that there is no signal: it looks again by itself, and sends on what waits in it. */
(() => {
  "use strict";

  const AGAIN_MS = 4000;
  const kept = document.getElementById("kept");
  for (const part of document.querySelectorAll("[data-when-kept]")) part.hidden = !kept;
  for (const part of document.querySelectorAll("[data-when-nothing-kept]")) part.hidden = Boolean(kept);
  let gone = false;

  const look = async () => {
    try {
      const answer = await fetch("/offline/", { method: "HEAD", cache: "no-store" });
      if (!answer.ok || gone) return;
    } catch {
      return;
    }
    gone = true;
    if (kept) HTMLFormElement.prototype.submit.call(kept);
    else if (location.pathname !== "/offline/") location.reload();
  };

  addEventListener("online", look);
  setInterval(look, AGAIN_MS);
  addEventListener("beforeunload", (event) => kept && !gone && event.preventDefault());
})();
