/* What a page may do once script runs. Every page works without it (experience.md, Rules of form).
   No inline handlers anywhere: everything is found by an attribute, in the page and in what htmx brings in. */
(() => {
  "use strict";

  // What scripts say, in the language of the page (keywork/script_words.py); English has no such table.
  const table = JSON.parse(document.getElementById("script-words")?.textContent || "{}");
  const inWords = (text) => table[text] ?? text;
  window.keyworkWords = inWords;

  const DRAFT_WAIT_MS = 800;
  const LEAVE_WAIT_MS = 3000;

  // ---------------------------------------------------------------- drafts
  // form[data-draft-url]: its fields are kept on the server while someone types, and once more as they leave.

  const pending = new Map(); // form -> timer
  const sending = new Set(); // promises of drafts on their way

  const draftBody = (form) => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return new URLSearchParams(data);
  };

  // "3.15 pm", "2 pm": as keywork.dates.time_of_day. Drafts are kept for staff alone.
  const clock = (now = new Date()) => {
    const minutes = now.getMinutes() ? `.${String(now.getMinutes()).padStart(2, "0")}` : "";
    return `${now.getHours() % 12 || 12}${minutes} ${now.getHours() < 12 ? "am" : "pm"}`;
  };

  const say = (form, text) => {
    const status = form.querySelector(".kw-draft") || document.querySelector(`.kw-draft[data-for="${form.getAttribute("id")}"]`);
    if (!status) return;
    status.hidden = false;
    (status.querySelector("[data-text]") || status).textContent = inWords(text);
  };

  const saveDraft = (form) => {
    clearTimeout(pending.get(form));
    pending.delete(form);
    const sent = sendDraft(form).finally(() => sending.delete(sent));
    sending.add(sent);
    return sent;
  };

  const sendDraft = async (form) => {
    try {
      const response = await fetch(form.dataset.draftUrl, {
        method: "POST",
        body: draftBody(form),
        keepalive: true,
        redirect: "manual",
        headers: { "X-Requested-With": "XMLHttpRequest" },
      });
      if (!form.isConnected) return;
      form.toggleAttribute("data-unsaved", !response.ok);
      const told = response.status === 403 ? await response.json().catch(() => ({})) : {}; // another person has signed in
      say(form, response.ok ? inWords("Draft saved at {saved_at}").replace("{saved_at}", clock()) : told.words ?? "Draft not saved. What you typed is still here");
    } catch {
      form.toggleAttribute("data-unsaved", true);
      say(form, "No connection. What you typed is still here");
    }
  };

  const keep = (event) => {
    const form = event.target.form;
    if (!form || !form.dataset.draftUrl || form.dataset.saving) return;
    clearTimeout(pending.get(form));
    pending.set(form, setTimeout(saveDraft, DRAFT_WAIT_MS, form));
  };

  const isTouched = (input) => {
    if (["radio", "checkbox"].includes(input.type)) return input.checked !== input.defaultChecked;
    if (input.tagName === "SELECT") return [...input.options].some((one) => one.selected !== one.defaultSelected && one.index > 0);
    return "defaultValue" in input && input.type !== "file" && input.value !== input.defaultValue;
  };

  // Somebody was quicker than this file: what they typed before it came is kept too. (The forms say
  // autocomplete="off": a browser that fills in what it remembers of an older page would look the same.)
  const keepWhatIsTyped = (form) => [...form.elements].some(isTouched) && keep({ target: { form } });

  const keepAll = () => [...pending.keys()].forEach(saveDraft);

  // ---------------------------------------------------------------- no signal
  // A form that is sent without signal waits in its page and nowhere else, and goes by itself when signal is back: its
  // key (keywork/open_forms.py) sees to it that it is saved once, also where the first try did arrive.

  const SIGNAL_AGAIN_MS = 4000;
  const waiting = new Map(); // form -> the button it was sent by
  let signalTimer = 0;

  const lookForSignal = () => {
    clearTimeout(signalTimer);
    if (waiting.size || begun.size) signalTimer = setTimeout(sendWaiting, SIGNAL_AGAIN_MS);
  };

  // a[data-begins]: its form cannot come without signal. The first words are written where it will stand (the page's
  // #no-signal-entry), and it opens with them.
  const begun = new Map(); // id of a card -> the link that was pressed, and the box they stand in
  const wordsOf = (box) => box.querySelector("textarea");
  const isBegun = () => [...begun.values()].some(({ box }) => wordsOf(box).value.trim());

  const beginWithoutSignal = (link) => {
    const made = document.getElementById("no-signal-entry");
    if (!made || !link.matches("[data-begins]")) return false;
    const { id } = link.closest("article");
    const box = begun.get(id)?.box ?? made.content.firstElementChild.cloneNode(true);
    begun.set(id, { link, box });
    if (!box.isConnected) link.parentElement.after(box);
    wordsOf(box).focus();
    lookForSignal();
    return true;
  };

  const goOnWithBegun = () => [...begun.values()].forEach(({ link }) => link.click());

  // Until its form is there they are nowhere else.
  const fillBegun = () => {
    for (const [id, { box }] of begun) {
      const note = document.getElementById(id)?.querySelector("form textarea");
      if (!note) continue;
      begun.delete(id);
      note.value = [note.value, wordsOf(box).value].filter(Boolean).join("\n");
      keep({ target: note });
      if (said) lookNow();
    }
  };
  document.addEventListener("htmx:afterSettle", fillBegun);

  const waitForSignal = (form, button) => {
    waiting.set(form, button);
    delete form.dataset.saving;
    form.toggleAttribute("data-unsaved", true);
    say(form, "Waits for signal");
    if (form.matches("[data-sign-out]")) {
      for (const part of document.querySelectorAll("#main > :not(.kw-page), #main > .kw-page > :not(#messages), #messages > *")) part.hidden = true;
      trouble("There is no signal. You are signed out by itself when it is back; until then nothing is shown here. Leave the page open.");
    } else trouble("There is no signal. What you sent waits in this page and goes by itself when signal is back. Leave the page open until then.");
    lookForSignal();
  };

  const sendWaiting = async () => {
    try {
      if (!(await fetch("/offline/", { method: "HEAD", cache: "no-store" })).ok) return lookForSignal();
    } catch {
      return lookForSignal();
    }
    goOnWithBegun();
    const all = [...waiting].filter(([form]) => form.isConnected);
    waiting.clear();
    for (const form of document.querySelectorAll("form[data-unsaved][data-draft-url]")) if (!all.some(([one]) => one === form)) saveDraft(form);
    // Those that htmx sends stay on the page; one that leads to another page is the last.
    all.sort(([form]) => (form.hasAttribute("hx-post") ? -1 : 1));
    for (const [form, button] of all) {
      form.removeAttribute("data-unsaved");
      say(form, "Signal is back: it is being sent");
      trouble("Signal is back. What you sent is on its way.");
      form.requestSubmit(button?.isConnected ? button : undefined);
    }
  };

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (navigator.onLine || !form.elements.form_key || form.matches("[data-autosave]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      waitForSignal(form, event.submitter);
    },
    true,
  );
  addEventListener("online", sendWaiting);
  addEventListener("beforeunload", (event) => (waiting.size || isBegun()) && event.preventDefault());

  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
  // Leaving a field sends what was typed at once; not on the way to a button, which sends all of it.
  document.addEventListener("focusout", (event) => {
    const form = event.target.form;
    if (pending.has(form) && event.relatedTarget?.type !== "submit") saveDraft(form);
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keepAll());
  addEventListener("pagehide", keepAll);

  // A form on its way to be saved must not leave a draft behind it; pressing twice must not save twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    clearTimeout(pending.get(form));
    pending.delete(form);
    if (form.getAttribute("method")?.toLowerCase() !== "post" || event.defaultPrevented) return;
    if (form.dataset.saving) return event.preventDefault();
    // Another form is on its way, signing out perhaps: first what was typed is kept, while one still may. A draft
    // that is on its way arrives before what it is of.
    if (sending.size || (!form.dataset.draftUrl && pending.size)) {
      event.preventDefault();
      keepAll();
      const longEnough = new Promise((done) => setTimeout(done, LEAVE_WAIT_MS));
      Promise.race([Promise.all(sending), longEnough]).then(() => {
        pending.clear();
        sending.clear();
        form.requestSubmit(event.submitter);
      });
      return;
    }
    // form[data-sign-out] says whether something is still only here: then the browser is not told to forget.
    if (form.matches("[data-sign-out]") && document.querySelector("form[data-unsaved]")) {
      const left = Object.assign(document.createElement("input"), { type: "hidden", name: "unsent", value: "1" });
      form.append(left);
    }
    form.dataset.saving = "yes";
    setTimeout(() => delete form.dataset.saving, 4000);
  });
  document.addEventListener("htmx:afterRequest", (event) => delete event.detail.elt.dataset.saving);
  addEventListener("pageshow", () => document.querySelectorAll("form[data-saving]").forEach((form) => delete form.dataset.saving));

  // ------------------------------------------------- refused saves, lost connections

  const focusErrors = (root) => {
    const summary = root.querySelector(".kw-errors");
    if (!summary) return;
    summary.setAttribute("tabindex", "-1");
    summary.focus();
  };

  // A link of the summary goes to its field even inside a closed part of the form.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".kw-errors a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    const control = target.matches("input, select, textarea, button") ? target : target.querySelector("input, select, textarea");
    event.preventDefault();
    target.scrollIntoView({ block: "center" });
    (control || target).focus({ preventScroll: true });
  });

  const trouble = (words) => {
    const place = document.getElementById("messages");
    const made = document.getElementById("trouble-template");
    if (!place || !made) return;
    place.querySelector("[data-trouble]")?.remove();
    const note = made.content.firstElementChild.cloneNode(true);
    note.querySelector("p").textContent = inWords(words);
    place.append(note);
    note.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:sendError", (event) => {
    const { elt, requestConfig } = event.detail;
    const sent = requestConfig?.triggeringEvent;
    if (sent?.type === "submit" && elt.matches("form") && elt.elements.form_key) waitForSignal(elt, sent.submitter);
    else if (!beginWithoutSignal(elt) && !waiting.size) trouble("No connection. What you typed is still here: try again in a moment.");
  });
  document.addEventListener("htmx:timeout", () => trouble("Keywork is slow to answer. What you typed is still here: try again in a moment."));
  document.addEventListener("htmx:responseError", () => trouble("That did not work, and it is our fault. What you typed is still here: try again in a moment."));

  // ---------------------------------------------------------------- the end of the session
  // #session-template holds what is said two minutes before and when it has ended. Asking how long is left is no sign
  // of life; another tab may have put the end off.

  const WARN_SECONDS = 120;
  const ASK_AGAIN_MS = 20000;
  const said = document.getElementById("session-template");
  let look = 0; // the timer
  let lookAt = 0;
  let wasAt = null; // where somebody was when they were warned

  const askLeft = async (method) => {
    const token = document.cookie.split("; ").find((one) => one.startsWith("csrftoken="));
    const headers = { Accept: "application/json", "X-Keywork-Poll": "1" };
    if (method === "POST") headers["X-CSRFToken"] = token ? token.slice(10) : said.content.querySelector("[name=csrfmiddlewaretoken]").value;
    const response = await fetch(said.dataset.url, { method, headers, redirect: "manual" });
    if (response.type === "opaqueredirect") return { left: 0 };
    if (!response.ok) throw new Error("no answer");
    return response.json();
  };

  const lookIn = (ms) => {
    clearTimeout(look);
    lookAt = Date.now() + ms;
    look = setTimeout(lookNow, ms);
  };

  const tell = (what) => {
    const old = document.querySelector(".kw-session");
    if (old?.dataset.session === what) return;
    old?.remove();
    if (!what) return;
    wasAt = document.activeElement;
    document.getElementById("main").before(said.content.querySelector(`[data-session="${what}"]`).cloneNode(true));
  };

  const heed = ({ left, may_stay: mayStay }) => {
    if (left <= 0) return tell("ended");
    if (left > WARN_SECONDS) tell("");
    else tell(mayStay ? "ending" : "last");
    lookIn((left > WARN_SECONDS ? left - WARN_SECONDS : left + 1) * 1000);
  };

  const lookNow = () => askLeft("GET").then(heed, () => lookIn(ASK_AGAIN_MS));

  const stay = (event) => {
    if (!event.target.closest(".kw-session")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    askLeft("POST").then(
      (told) => {
        heed(told);
        if (told.left > WARN_SECONDS) (wasAt?.isConnected && wasAt !== document.body ? wasAt : document.getElementById("main")).focus();
      },
      () => trouble("No connection. Try again in a moment."),
    );
  };

  const typedForms = () => [...document.querySelectorAll("form[method=post]")].filter((form) => [...form.elements].some(isTouched));

  // Words that are nowhere but on this page: of a form that keeps no draft, or that came back refused. Whoever leaves
  // is asked first, unless it is with that form.
  const WORDS = "textarea, input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=url]";
  const sent = new WeakSet(); // forms that script has sent
  const onlyHere = (form) => {
    if (form.matches("[data-draft-url], [data-autosave], [data-saving], dialog:not([open]) form") || sent.has(form)) return false;
    const words = [...form.elements].filter((input) => input.matches(WORDS));
    return words.some(isTouched) || (form.querySelector(".kw-errors") !== null && words.some((input) => input.value.trim()));
  };
  const askFirst = (event) => [...document.querySelectorAll("form[method=post]")].some(onlyHere) && event.preventDefault();

  // What was typed goes along: a draft to the drafts, any other form to what waits to be sent (keywork/pending.py).
  const signInAgain = (event) => {
    const link = event.target.closest(".kw-session a");
    if (!link) return;
    if (isBegun()) return void (link.target = "_blank"); // it has no form yet, so this page stays
    event.preventDefault();
    const there = `${link.getAttribute("href")}?next=${encodeURIComponent(location.pathname + location.search)}`;
    const typed = typedForms();
    const other = typed.find((form) => !form.dataset.draftUrl);
    Promise.all(typed.filter((form) => form.dataset.draftUrl).map(saveDraft)).then(() => {
      if (other) {
        other.dataset.saving = "yes"; // it goes along
        HTMLFormElement.prototype.submit.call(other);
      } else location.assign(there);
    });
  };

  // A preview that finds nobody signed in any more leads nobody away in the middle of a sentence.
  const stayHere = (event) => {
    const { xhr, requestConfig } = event.detail;
    if (!xhr.getResponseHeader("HX-Redirect")?.startsWith("/accounts/login/")) return;
    if (requestConfig.triggeringEvent?.type === "submit") return;
    if (!typedForms().length && !isBegun()) return;
    event.preventDefault();
    tell("ended");
    lookForSignal(); // an entry that was begun without signal goes on when they are signed in again
  };

  if (said) {
    document.addEventListener("htmx:beforeOnLoad", stayHere);
    lookIn(Math.max(Number(said.dataset.left) - WARN_SECONDS, 1) * 1000);
    // A computer that slept wakes up late.
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && Date.now() >= lookAt && lookNow());
    document.addEventListener("submit", stay, true);
    document.addEventListener("htmx:beforeRequest", (event) => event.detail.elt.matches("form") && sent.add(event.detail.elt));
    document.addEventListener("input", (event) => event.target.form && sent.delete(event.target.form));
    addEventListener("beforeunload", askFirst);
    document.addEventListener("click", signInAgain);
  }

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    trouble("Your passkey was not used. Try again, or use another way.");
  });

  // ---------------------------------------------------------------- dialogs
  // a[data-dialog="id"]: opens the dialog that stands in the page; without script the link leads to the same form.

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("a[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog?.showModal && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    const closer = event.target.closest("[data-close]");
    if (closer?.closest("dialog")?.open) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
  });

  // ----------------------------------------------------------- read it to me
  // button[data-read="id"] reads that part aloud, line by line, each line once and in its order; pressed again it
  // stops. It stays hidden where the device cannot speak. [data-words] in it says which of the two it does.

  const canSpeak = "speechSynthesis" in window;
  const LINE = "h1, h2, h3, h4, h5, h6, p, li, label, legend, dt, dd, th, td, caption, figcaption, summary, blockquote, strong, small, .kw-when";
  const UNSAID = "button, script, style, select, textarea, [hidden], [aria-hidden=true], .visually-hidden, .kw-foot";
  let reading = null;

  const isShown = (element) => element.checkVisibility?.() ?? true;

  // What is answered in a control, in words; nothing for one that is empty.
  const answerOf = (control) => {
    if (control.type === "radio" || control.type === "checkbox") return control.checked ? "chosen" : "";
    if (control.tagName === "SELECT") return control.value ? control.selectedOptions[0].textContent : "";
    return ["text", "date", "textarea"].includes(control.type) ? control.value : "";
  };

  // The words of a part: its text, the names in a drawing, and what is answered; a label's answer comes after it.
  const linesOf = (part) => {
    const lines = [];
    let block = null;
    const add = (words, of) => {
      const clean = words.replace(/\s+/g, " ").trim();
      if (!clean) return;
      if (of && of === block) lines[lines.length - 1] += ` ${clean}`;
      else lines.push(clean);
      block = of;
    };
    const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        const parent = node.parentElement;
        const drawing = parent.closest("svg");
        if (drawing ? parent.tagName !== "title" || drawing.getAttribute("aria-hidden") === "true" : parent.closest(UNSAID) || !isShown(parent)) continue;
        const line = drawing ? node : parent.closest(LINE) ?? parent;
        add(node.textContent, line);
        const control = line.tagName === "LABEL" ? line.control : null;
        if (control && line.lastChild === node) add(answerOf(control), null);
      } else if (node.matches("input, select, textarea") && isShown(node) && !node.labels?.length) add(answerOf(node), null);
    }
    return lines;
  };

  const stopReading = () => {
    speechSynthesis.cancel();
    if (!reading) return;
    reading.setAttribute("aria-pressed", "false");
    const words = reading.querySelector("[data-words]");
    if (words) words.textContent = inWords("Read it to me");
    reading = null;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-read]");
    if (!button || !canSpeak) return;
    const again = reading === button;
    stopReading();
    const part = document.getElementById(button.dataset.read);
    if (again || !part) return;
    const lines = linesOf(part);
    if (!lines.length) return;
    reading = button;
    button.setAttribute("aria-pressed", "true");
    const words = button.querySelector("[data-words]");
    if (words) words.textContent = inWords("Stop reading");
    lines.forEach((line, place) => {
      const speech = new SpeechSynthesisUtterance(line);
      speech.lang = part.closest("[lang]")?.lang || "en-GB";
      if (place === lines.length - 1) speech.onend = () => reading === button && stopReading();
      speech.onerror = (trouble) => ["canceled", "interrupted"].includes(trouble.error) || (reading === button && stopReading());
      speechSynthesis.speak(speech);
    });
  });
  if (canSpeak) window.addEventListener("pagehide", stopReading);

  // ---------------------------------------------------------------- previews
  // input or textarea[data-preview="id"]: that element shows what is typed, or its own words when empty.

  const preview = (box) => {
    const shown = document.getElementById(box.dataset.preview);
    if (!shown) return;
    shown.dataset.words ??= shown.textContent;
    shown.textContent = box.value.trim() || shown.dataset.words;
  };
  document.addEventListener("input", (event) => event.target.dataset?.preview && preview(event.target));

  // ------------------------------------------------------------------- start
  // Runs for the page and again for each piece htmx puts into it.

  const start = (root) => {
    if (canSpeak) root.querySelectorAll("button[data-read]").forEach((button) => (button.hidden = false));
    root.querySelectorAll("[data-copy], [data-print]").forEach((button) => (button.hidden = false));
    if (window.PublicKeyCredential) root.querySelectorAll("[data-needs-passkey]").forEach((part) => (part.hidden = false));
    root.querySelectorAll("form[data-draft-url]").forEach(keepWhatIsTyped);
    focusErrors(root);
  };
  document.addEventListener("htmx:load", (event) => {
    if (event.target === document.body) return;
    // What had the focus was swapped away: it goes on in what came instead, not at the top of the page.
    const next = event.target.matches("[data-focus]") ? event.target : event.target.querySelector("[data-focus]");
    if (document.activeElement === document.body) next?.focus();
    start(event.target);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
    const copier = event.target.closest("[data-copy]");
    const source = copier && document.getElementById(copier.dataset.copy);
    if (source) navigator.clipboard?.writeText(source.value ?? source.textContent).then(() => (copier.textContent = "Copied"));
  });

  // What the browser keeps for the time without signal: static files, and the page that says so (static/worker.js).
  navigator.serviceWorker?.register("/worker.js").catch(() => {});

  start(document);
})();
