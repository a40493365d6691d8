/* Forms that save themselves, field by field: form[data-autosave] (see keywork/saving.py for the other side).

   What is saved are inputs with a hidden partner `base:<name>`. Only fields that changed are sent. Inputs may stand
   outside their form (form="id"). Nothing typed is ever thrown away: a lost connection is tried again, and what
   somebody else changed meanwhile is shown beside it. Every page works without this file, with a Save button.

   An element with data-fresh='{"fields": {name: {"base", "values"}}, "parts": {id: html}}' and data-fresh-for="form
   id", brought in by htmx, tells what others saved: it is taken over into fields that were not touched here. */
(() => {
  "use strict";

  const TYPING_WAIT_MS = 700;
  const CHOICE_WAIT_MS = 120;
  const RETRY_MS = [2000, 5000, 10000, 20000];
  const LEAVE_WAIT_MS = 3000;

  const forms = new Map(); // form -> state

  const stateOf = (form) => {
    let state = forms.get(form);
    if (!state) {
      state = { kept: new Map(), blocked: new Map(), failed: new Set(), timer: 0, sending: null, tries: 0, refused: false, isAway: false };
      forms.set(form, state);
      for (const name of namesOf(form)) state.kept.set(name, valuesOf(form, name, true));
      // Somebody was quicker than this file: the words they typed before it came are saved too.
      if (dirtyOf(form, state).length) schedule(form, TYPING_WAIT_MS);
    }
    return state;
  };

  const partners = (form) => [...form.elements].filter((input) => input.name?.startsWith("base:"));
  const namesOf = (form) => partners(form).map((input) => input.name.slice(5));
  const inputsOf = (form, name) => [...form.elements].filter((input) => input.name === name && input.type !== "submit");
  const partnerOf = (form, name) => partners(form).find((input) => input.name === `base:${name}`);

  // What a field holds now, or what the page came with. (`autocomplete="off"` keeps the browser from filling in
  // what it remembers of an older page, which would look like something typed.)
  const valuesOf = (form, name, asItCame = false) => {
    const values = [];
    for (const input of inputsOf(form, name)) {
      if (input.type === "file") continue;
      if (["radio", "checkbox"].includes(input.type)) {
        if (asItCame ? input.defaultChecked : input.checked) values.push(input.value);
      } else if (input.tagName === "SELECT") {
        const chosen = asItCame ? [...input.options].filter((option) => option.defaultSelected) : [...input.selectedOptions];
        if (!chosen.length && !input.multiple && input.options.length) chosen.push(input.options[0]);
        values.push(...chosen.map((option) => option.value));
      } else values.push(asItCame ? input.defaultValue : input.value);
    }
    while (values.length && !values[values.length - 1].trim()) values.pop();
    return values;
  };

  const setValues = (form, name, values) => {
    const inputs = inputsOf(form, name);
    inputs.forEach((input, place) => {
      if (["radio", "checkbox"].includes(input.type)) input.checked = values.includes(input.value);
      else if (input.tagName === "SELECT" && input.multiple) for (const option of input.options) option.selected = values.includes(option.value);
      else input.value = values[place] ?? "";
    });
  };

  const same = (one, other) => one.length === other.length && one.every((value, place) => value === other[place]);
  const dirtyOf = (form, state) => namesOf(form).filter((name) => !same(valuesOf(form, name), state.kept.get(name) ?? []));
  const sendable = (form, state) =>
    dirtyOf(form, state).filter((name) => !state.blocked.has(name) && !state.failed.has(name));

  // ------------------------------------------------------------------ words

  const statusOf = (form) =>
    form.querySelector(".kw-draft") || document.querySelector(`.kw-draft[data-for="${CSS.escape(form.getAttribute("id") ?? "")}"]`);

  const say = (form, words, trouble = false) => {
    const status = statusOf(form);
    if (!status) return;
    status.hidden = false;
    status.classList.toggle("is-trouble", trouble);
    const place = status.querySelector("[data-text]") || status;
    const shown = window.keyworkWords(words);
    if (place.textContent !== shown) place.textContent = shown;
  };

  // The place beside a field: what says data-field, or else its field's frame.
  const frameOf = (form, name) => {
    const marked = document.querySelector(`[data-field="${CSS.escape(name)}"]`);
    if (marked) return marked;
    const input = inputsOf(form, name)[0];
    return input?.closest(".kw-field, fieldset") || input?.parentElement;
  };

  // ------------------------------------------------------------------ sending

  const token = (form) => {
    const cookie = document.cookie.split("; ").find((one) => one.startsWith("csrftoken="));
    return cookie ? cookie.slice(10) : form.elements.csrfmiddlewaretoken?.value ?? "";
  };

  const schedule = (form, wait) => {
    const state = stateOf(form);
    clearTimeout(state.timer);
    state.timer = setTimeout(() => save(form), wait);
  };

  const save = (form, leaving = false) => {
    const state = stateOf(form);
    clearTimeout(state.timer);
    state.timer = 0;
    if (state.refused) return Promise.resolve();
    if (state.sending && !leaving) return state.sending.then(() => (sendable(form, state).length ? save(form) : undefined));
    const names = sendable(form, state);
    if (!names.length) return Promise.resolve();
    const sent = send(form, state, names, leaving).finally(() => {
      if (state.sending === sent) state.sending = null;
    });
    state.sending = sent;
    return sent;
  };

  const send = async (form, state, names, leaving) => {
    const body = new URLSearchParams({ autosave: "1" });
    const what = new Map();
    for (const name of names) {
      const values = valuesOf(form, name);
      what.set(name, values);
      body.append(`base:${name}`, partnerOf(form, name).value);
      for (const value of values) body.append(name, value);
    }
    for (const name of ["csrfmiddlewaretoken", "form_key"]) if (form.elements[name]) body.append(name, form.elements[name].value);
    say(form, "Saving…");
    let response;
    try {
      response = await fetch(form.getAttribute("action") || location.href, {
        method: "POST",
        body,
        keepalive: leaving,
        redirect: "manual",
        headers: { "X-Requested-With": "XMLHttpRequest", "X-CSRFToken": token(form), Accept: "application/json" },
      });
    } catch {
      return again(form, state, "No connection. What you typed is still here, and Keywork tries again");
    }
    if (!form.isConnected) return;
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
    // Nobody is signed in, or another person: what was sent waits for whoever opened the page (keywork/pending.py).
    state.isAway = response.type === "opaqueredirect" || response.status === 403;
    if (state.isAway) {
      const told = isJson ? await response.json().catch(() => ({})) : {};
      return again(form, state, told.words ?? "Not saved: you were signed out. Sign in in another tab. What you typed is still here");
    }
    if (!isJson) return again(form, state, "Not saved yet. What you typed is still here, and Keywork tries again");
    let told;
    try {
      told = await response.json();
    } catch {
      return again(form, state, "Not saved yet. What you typed is still here, and Keywork tries again");
    }
    state.tries = 0;
    take(form, state, told, what);
  };

  const again = (form, state, words) => {
    say(form, words, true);
    form.toggleAttribute("data-unsaved", true);
    const wait = RETRY_MS[Math.min(state.tries, RETRY_MS.length - 1)];
    state.tries += 1;
    clearTimeout(state.timer);
    state.timer = setTimeout(() => save(form), wait);
  };

  const take = (form, state, told, what) => {
    for (const [name, version] of Object.entries(told.saved ?? {})) {
      const partner = partnerOf(form, name);
      if (partner) partner.value = told.bases?.[name] ?? String(version);
      state.kept.set(name, what.get(name) ?? valuesOf(form, name));
      clearError(form, name);
    }
    if (told.refused) {
      state.refused = true;
      say(form, told.refused, true);
      return;
    }
    for (const [name, one] of Object.entries(told.conflicts ?? {})) showConflict(form, state, name, one);
    for (const [name, words] of Object.entries(told.errors ?? {})) showError(form, state, name, words);
    form.toggleAttribute("data-unsaved", dirtyOf(form, state).length > 0);
    replaceParts(told.parts ?? {});
    if (Object.keys(told.conflicts ?? {}).length) say(form, "Not all saved: the same words were changed elsewhere", true);
    else if (Object.keys(told.errors ?? {}).length) say(form, "Not all saved: look at the marked field", true);
    else if (!state.blocked.size && !state.failed.size) say(form, window.keyworkWords("Saved at {time}").replace("{time}", told.saved_at));
    form.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: told }));
    if (sendable(form, state).length) schedule(form, CHOICE_WAIT_MS);
  };

  const drawn = new Map(); // id -> the piece as it came last: the same again changes nothing

  const replaceParts = (parts) => {
    for (const [id, html] of Object.entries(parts)) {
      const old = document.getElementById(id);
      if (!old || drawn.get(id) === html) continue;
      if (old.contains(document.activeElement) || old.querySelector("[data-keep]")) continue; // somebody is at work in it
      drawn.set(id, html);
      const holder = document.createElement("template");
      holder.innerHTML = html;
      const made = holder.content.firstElementChild;
      if (!made) continue;
      if (old.tagName === "DETAILS" && old.open) made.open = true;
      old.replaceWith(made);
      window.htmx?.process(made);
    }
  };

  // ------------------------------------------------------- refused and disputed

  const clearError = (form, name) => {
    document.querySelector(`[data-error-of="${CSS.escape(name)}"]`)?.remove();
    for (const input of inputsOf(form, name)) {
      input.removeAttribute("aria-invalid");
      input.classList.remove("is-invalid");
    }
  };

  const showError = (form, state, name, words) => {
    clearError(form, name);
    state.failed.add(name);
    const note = document.createElement("p");
    note.className = "invalid-feedback d-block";
    note.dataset.errorOf = name;
    note.setAttribute("role", "alert");
    note.textContent = words;
    frameOf(form, name)?.append(note);
    for (const input of inputsOf(form, name)) {
      input.setAttribute("aria-invalid", "true");
      input.classList.add("is-invalid");
    }
  };

  const conflictOf = (name) => document.querySelector(`[data-conflict="${CSS.escape(name)}"]`);

  const showConflict = (form, state, name, one) => {
    conflictOf(name)?.remove();
    state.blocked.set(name, one);
    const frame = frameOf(form, name);
    const holder = document.createElement("template");
    holder.innerHTML = one.html;
    const note = holder.content.firstElementChild;
    if (!frame || !note) return;
    note.querySelectorAll("button").forEach((button) => (button.type = "button"));
    frame.append(note);
    for (let part = frame.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  };

  const settle = (button) => {
    const note = button.closest("[data-conflict]");
    const name = note.dataset.conflict;
    for (const [form, state] of forms) {
      const one = state.blocked.get(name);
      if (!one) continue;
      state.blocked.delete(name);
      partnerOf(form, name).value = one.base ?? String(one.version);
      state.kept.set(name, one.values ?? []);
      if (button.name === "keep-theirs") {
        setValues(form, name, one.values ?? []);
        if (!state.blocked.size) say(form, "Theirs is kept");
      } else schedule(form, 0);
      note.remove();
      inputsOf(form, name)[0]?.focus();
    }
  };

  // ------------------------------------------------------- what others saved

  const freshen = (holder) => {
    const form = document.getElementById(holder.dataset.freshFor);
    if (!form) return;
    const state = stateOf(form);
    let told;
    try {
      told = JSON.parse(holder.dataset.fresh);
    } catch {
      return;
    }
    for (const [name, one] of Object.entries(told.fields ?? {})) {
      const partner = partnerOf(form, name);
      if (!partner || partner.value === one.base || state.sending) continue;
      const here = inputsOf(form, name);
      const touched = !same(valuesOf(form, name), state.kept.get(name) ?? []);
      if (touched || state.blocked.has(name)) continue; // shown side by side when it is saved
      const text = here.some((input) => !["radio", "checkbox"].includes(input.type));
      if (text && here.includes(document.activeElement)) continue; // never under somebody's fingers
      setValues(form, name, one.values);
      partner.value = one.base;
      state.kept.set(name, valuesOf(form, name));
    }
    replaceParts(told.parts ?? {});
  };

  document.addEventListener("htmx:load", (event) => {
    const element = event.target;
    if (element.matches?.("[data-fresh]")) freshen(element);
    element.querySelectorAll?.("[data-fresh]").forEach(freshen);
    if (element.querySelectorAll) begin(element);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.matches?.("[data-fresh]")) freshen(event.target);
  });

  // ------------------------------------------------------- what people do

  const changed = (event) => {
    const form = event.target.form;
    if (!form?.matches("form[data-autosave]") || !event.target.name || event.target.type === "file") return;
    const state = stateOf(form);
    if (!partnerOf(form, event.target.name)) return;
    state.failed.delete(event.target.name);
    const isChoice = ["radio", "checkbox", "select-one", "select-multiple", "date", "time"].includes(event.target.type);
    schedule(form, isChoice || event.type === "change" ? CHOICE_WAIT_MS : TYPING_WAIT_MS);
  };
  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("focusout", (event) => {
    const form = event.target.form;
    if (forms.has(form) && stateOf(form).timer) save(form);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-conflict] button[type=button]");
    if (button) settle(button);
  });

  const unsaved = () => [...forms].filter(([form, state]) => form.isConnected && dirtyOf(form, state).length);

  // A plain Save button saves at once and stays; any other form waits until what was typed is saved.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form.getAttribute("method")?.toLowerCase() !== "post") return;
      if (form.matches("form[data-autosave]") && !event.submitter?.name && !event.submitter?.hasAttribute("formaction")) {
        event.preventDefault();
        const state = stateOf(form);
        state.failed.clear();
        if (dirtyOf(form, state).length) save(form);
        else say(form, "Everything is saved");
        return;
      }
      const waiting = unsaved().filter(([, state]) => !state.refused);
      if (form.dataset.flushed || (!waiting.length && ![...forms.values()].some((state) => state.sending))) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const submitter = event.submitter;
      const longEnough = new Promise((done) => setTimeout(done, LEAVE_WAIT_MS));
      Promise.race([Promise.all([...forms.keys()].map((one) => save(one))), longEnough]).then(() => {
        const left = unsaved().filter(([, state]) => !state.isAway);
        if (left.length) {
          say(left[0][0], "Not everything is saved yet: look at what is marked. Pressing again goes on without it", true);
          form.dataset.flushed = "yes";
          setTimeout(() => delete form.dataset.flushed, 15000);
          return;
        }
        form.dataset.flushed = "yes";
        setTimeout(() => delete form.dataset.flushed, 4000);
        form.requestSubmit(submitter?.isConnected ? submitter : undefined);
      });
    },
    true,
  );

  const saveAll = () => unsaved().forEach(([form]) => save(form, true));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && saveAll());
  addEventListener("pagehide", saveAll);
  addEventListener("online", () => unsaved().forEach(([form]) => save(form)));
  addEventListener("beforeunload", (event) => {
    if (!unsaved().length) return;
    saveAll();
    if ([...forms.values()].some((state) => (state.tries && !state.isAway) || state.blocked.size)) event.preventDefault();
  });

  const begin = (root) => {
    root.querySelectorAll("form[data-autosave]").forEach(stateOf);
    for (const form of forms.keys()) if (!form.isConnected) forms.delete(form);
  };
  begin(document);
})();
