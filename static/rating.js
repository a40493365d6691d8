/* Rating by keyboard: with the focus on a statement's answers, 0 to 4 and n answer it and go on to the next.

   Statements are fieldset[data-statement] with radio buttons; areas are details elements. What was carried over and is
   chosen again as it stands is confirmed by that. autosave.js saves; without this file the radio buttons work as ever. */
(() => {
  "use strict";

  const statements = () => [...document.querySelectorAll("fieldset[data-statement]")];
  const radiosOf = (statement) => [...statement.querySelectorAll("input[type=radio]")];

  const openAround = (element) => {
    for (let part = element.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  };

  const focusOn = (statement) => {
    openAround(statement);
    const radios = radiosOf(statement);
    (radios.find((radio) => radio.checked) || radios[0])?.focus({ focusVisible: true });
    statement.scrollIntoView({ block: "nearest" });
  };

  const tell = (radio) => radio.dispatchEvent(new Event("change", { bubbles: true }));

  // "Still so" of a statement that was carried over: ticked by choosing the same answer again.
  const confirmSame = (statement) => {
    const still = statement.querySelector("input[type=checkbox][name^='confirm:']");
    if (!still || still.checked) return;
    still.checked = true;
    tell(still);
  };

  const rate = (statement, value) => {
    const radio = radiosOf(statement).find((one) => one.value === value);
    if (!radio) return;
    if (radio.checked) confirmSame(statement);
    radio.checked = true;
    tell(radio);
    const all = statements();
    const next = all[all.indexOf(statement) + 1];
    if (next) focusOn(next);
    else radio.focus();
  };

  const clear = (statement) => {
    const chosen = radiosOf(statement).find((radio) => radio.checked);
    if (!chosen) return;
    chosen.checked = false;
    tell(chosen);
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const statement = event.target.matches?.("input[type=radio]") && event.target.closest("fieldset[data-statement]");
    if (!statement) return;
    if (/^[0-4]$/.test(event.key)) rate(statement, event.key);
    else if (event.key === "n" || event.key === "N") rate(statement, "no");
    else if (event.key === "Delete" || event.key === "Backspace") clear(statement);
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const radio = event.target.closest?.("fieldset[data-statement] input[type=radio]");
    if (radio && radio.defaultChecked) confirmSame(radio.closest("fieldset"));
  });

  // A rating that is saved is no longer carried over.
  document.addEventListener("autosave:saved", (event) => {
    for (const name of Object.keys(event.detail.saved ?? {})) {
      if (!name.startsWith("rating:")) continue;
      document.getElementById(`statement-${name.slice(7)}`)?.querySelector(".kw-still")?.remove();
    }
  });

  // Where in the page somebody works, for those who work here too.
  document.addEventListener("focusin", (event) => {
    const where = event.target.closest("[data-where]")?.dataset.where;
    const box = document.getElementById("ws-where");
    if (where && box) box.value = where;
  });

  // An address may name a statement inside a closed area.
  const toHash = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    openAround(target);
    if (target.matches("details")) target.open = true;
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", toHash);
  toHash();
})();
