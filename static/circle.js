/* The social circle map (questionnaires/_circle.html): people are moved in the drawing, and the list of inputs below it is
   what is saved. Whatever changes in one shows in the other. Without this file the list alone does everything.

   [data-circle] holds the drawing (svg with [data-ring] and [data-person]) and the list ([data-circle-row] with
   inputs [data-circle-part]). Moving somebody fills in their line as a hand would, so that static/autosave.js
   hears of it. */
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const MIDDLE = 240;
  const EDGE = 228;
  const TURN = 15;
  const A_DRAG = 5; // units of the drawing: less is a tap
  const PARTS = ["who", "ring", "where", "feel", "angle"];
  const SHORT_NAME = 12; // letters on a line, as questionnaires/circle.py has it
  const MOST_LINES = 40; // questionnaires.fields.MOST_ROWS
  const NOT_SAID = "M-12 0a12 12 0 1 0 24 0a12 12 0 1 0-24 0";

  // On one line or two, cut only beyond that.
  const nameLines = (who) => {
    if (who.length <= SHORT_NAME) return [who];
    const at = Math.max(who.lastIndexOf(" ", SHORT_NAME), who.lastIndexOf("-", SHORT_NAME - 1) + 1);
    const cut = at > 0 ? at : Math.min(SHORT_NAME - 1, Math.ceil(who.length / 2));
    const rest = who.slice(cut).trim();
    return [
      who.slice(0, cut).trim() + (at > 0 ? "" : "-"),
      rest.length > SHORT_NAME ? `${rest.slice(0, SHORT_NAME - 1).trim()}…` : rest,
    ];
  };

  const made = (name, attributes) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  const setUp = (root) => {
    const svg = root.querySelector("svg.kw-circle-map");
    const list = root.querySelector("[data-circle-list]");
    if (!svg || !list || root.dataset.ready) return;
    root.dataset.ready = "yes";
    const undo = root.querySelector("[data-circle-undo]");
    const says = root.querySelector("[data-circle-says]");
    const rings = [...svg.querySelectorAll("[data-ring]")]
      .map((g) => ({ g, word: g.dataset.word, inner: +g.dataset.inner, outer: +g.dataset.outer }))
      .sort((one, other) => one.inner - other.inner);
    const feelings = [...root.querySelectorAll(".kw-circle-legend [data-feel]")].map((li) => ({ ...li.dataset }));
    const figures = new Map(); // row -> g
    const history = [];
    let settled = null;

    // ------------------------------------------------------------ the list

    const rowsOf = () => [...list.querySelectorAll("[data-circle-row]")];
    const part = (row, name) => row.querySelector(`[data-circle-part="${name}"]`);
    const valueOf = (row, name) => part(row, name).value.trim();
    const ringOf = (row) => rings.findIndex((ring) => ring.word === valueOf(row, "ring"));
    const snapshot = () => rowsOf().map((row) => PARTS.map((name) => part(row, name).value));
    const set = (row, name, value) => {
      const input = part(row, name);
      if (input.value === value) return;
      input.value = value;
      // The page around hears of it as if it had been typed; this list is listening too, and is not told twice.
      for (const type of ["input", "change"]) input.dispatchEvent(new CustomEvent(type, { bubbles: true, detail: root }));
    };

    // Always an empty line at the end for the next person.
    const grow = () => valueOf(rowsOf().at(-1), "who") && addLine();
    const addLine = () => {
      const rows = rowsOf();
      const last = rows[rows.length - 1];
      const copy = last.cloneNode(true);
      for (const element of copy.querySelectorAll("[id], [for]"))
        for (const name of ["id", "for"])
          if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replace(/-(\d+)-/, `-${rows.length}-`));
      for (const name of PARTS) part(copy, name).value = "";
      last.after(copy);
    };

    // --------------------------------------------------------- the drawing

    const at = (radius, angle) => {
      const turn = (angle * Math.PI) / 180;
      return [MIDDLE + radius * Math.cos(turn), MIDDLE + radius * Math.sin(turn)];
    };
    const radiusOf = (ring) => (ring < 0 ? EDGE : (rings[ring].inner + rings[ring].outer) / 2);

    // Where on the ring there is most room, as questionnaires.circle reckons it.
    const freeAngle = (row, ring) => {
      const taken = [...figures]
        .filter(([other, g]) => other !== row && g.dataset.angle !== undefined)
        .map(([other, g]) => at(radiusOf(ringOf(other)), +g.dataset.angle));
      taken.push([MIDDLE, MIDDLE - 15]); // "Me", a little higher: names stand below people
      let [best, most] = [90, -1];
      for (let angle = -50; angle <= 230; angle += 10) {
        const [x, y] = at(radiusOf(ring), angle);
        const room = Math.min(75, ...taken.map((there) => Math.hypot((x - there[0]) / 2, y - there[1])));
        if (room > most + 1) [best, most] = [angle, room];
      }
      return best;
    };

    const place = (g, radius, angle) => g.setAttribute("transform", `translate(${at(radius, angle).map((one) => one.toFixed(1)).join(" ")})`);

    const wordsOf = (row) => ["who", "ring", "where", "feel"].map((name) => valueOf(row, name)).filter(Boolean).join(", ");

    const figureOf = (row) => {
      let g = figures.get(row);
      if (g) return g;
      g = made("g", { class: "kw-circle-person" });
      g.append(made("title", {}), made("circle", { class: "kw-circle-hit", r: 24 }), made("path", { class: "kw-circle-shape" }));
      g.append(made("text", { class: "kw-circle-name", y: 31, "text-anchor": "middle" }), made("text", { class: "kw-circle-feel", y: 44, "text-anchor": "middle" }));
      svg.append(g);
      return adopt(row, g);
    };

    const adopt = (row, g) => {
      figures.set(row, g);
      g.setAttribute("tabindex", "0");
      g.setAttribute("role", "button");
      g.setAttribute("aria-roledescription", "person you can move");
      return g;
    };

    const draw = (row) => {
      const who = valueOf(row, "who");
      if (!who) {
        figures.get(row)?.remove();
        figures.delete(row);
        return;
      }
      const fresh = !figures.has(row);
      const g = figureOf(row);
      const ring = ringOf(row);
      const feeling = feelings.find((one) => one.word === valueOf(row, "feel"));
      const saved = valueOf(row, "angle");
      if (saved !== "") g.dataset.angle = saved;
      else if (fresh || (g.dataset.drawn && g.dataset.drawn !== String(ring))) g.dataset.angle = freeAngle(row, ring);
      if (g.dataset.drawn !== undefined || fresh || saved !== "") place(g, radiusOf(ring), +g.dataset.angle);
      g.dataset.drawn = ring;
      g.dataset.feel = feeling ? feeling.feel : "";
      g.querySelector("path").setAttribute("d", feeling ? feeling.shape : NOT_SAID);
      const lines = nameLines(who);
      g.querySelector(".kw-circle-name").replaceChildren(...lines.map((words, n) => {
        const line = made("tspan", n ? { x: 0, dy: "1.05em" } : { x: 0 });
        line.textContent = words;
        return line;
      }));
      const feel = g.querySelector(".kw-circle-feel");
      feel.textContent = feeling ? feeling.said : "";
      feel.setAttribute("y", lines.length > 1 ? 60 : 44);
      g.querySelector("title").textContent = wordsOf(row);
      g.setAttribute("aria-label", wordsOf(row));
    };

    const drawAll = () => {
      rowsOf().forEach(draw);
      for (const [row, g] of figures) if (!row.isConnected) g.remove(), figures.delete(row);
    };

    // ----------------------------------------------------- moving and undoing

    const changed = () => {
      grow();
      const now = snapshot();
      if (JSON.stringify(now) === JSON.stringify(settled)) return;
      history.push(settled);
      if (history.length > 50) history.shift();
      settled = now;
      if (undo) undo.disabled = false;
    };

    const move = (row, ring, angle) => {
      const before = valueOf(row, "ring");
      if (ring >= 0) set(row, "ring", rings[ring].word);
      set(row, "angle", String(((Math.round(angle) % 360) + 360) % 360));
      draw(row);
      changed();
      const word = valueOf(row, "ring");
      if (says) says.textContent = `${valueOf(row, "who")}: ${word}${word === before ? ", moved around" : ""}.`;
    };

    undo?.addEventListener("click", () => {
      const before = history.pop();
      undo.disabled = !history.length;
      if (!before) return;
      rowsOf().forEach((row, place) => PARTS.forEach((name, which) => set(row, name, before[place]?.[which] ?? "")));
      settled = snapshot();
      drawAll();
      if (says) says.textContent = "Undone.";
    });

    list.addEventListener("input", (event) => {
      if (event.detail === root) return;
      const row = event.target.closest("[data-circle-row]");
      // Chosen for another ring: they find a free place there.
      if (event.target.dataset.circlePart === "ring") part(row, "angle").value = "";
      draw(row);
      if (event.target.tagName !== "SELECT") grow();
    });
    list.addEventListener("change", (event) => {
      if (event.detail === root) return;
      // A name that was rubbed out takes its whole line along.
      const row = event.target.closest("[data-circle-row]");
      if (event.target.dataset.circlePart === "who" && !valueOf(row, "who")) PARTS.forEach((name) => set(row, name, ""));
      changed();
    });

    // ------------------------------------------------------------- pointer

    let held = null;

    const under = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const [x, y] = [point.x - MIDDLE, point.y - MIDDLE];
      return { x: point.x, y: point.y, radius: Math.hypot(x, y), angle: (Math.atan2(y, x) * 180) / Math.PI };
    };
    const ringAt = (radius) => {
      const found = rings.findIndex((ring) => radius <= ring.outer);
      return found < 0 ? rings.length - 1 : found;
    };
    const light = (which) => rings.forEach((ring, number) => ring.g.classList.toggle("is-over", number === which));

    svg.addEventListener("pointerdown", (event) => {
      const g = event.target.closest?.(".kw-circle-person");
      const row = g && [...figures].find(([, figure]) => figure === g)?.[0];
      if (!row || event.button > 0) return;
      event.preventDefault();
      g.focus({ preventScroll: true });
      held = { row, g, from: under(event), carried: false };
      svg.setPointerCapture(event.pointerId);
    });

    // A finger on a person moves the person, not the page; beside them the page scrolls as ever.
    svg.addEventListener("touchstart", (event) => event.target.closest?.(".kw-circle-person") && event.preventDefault(), { passive: false });

    svg.addEventListener("pointermove", (event) => {
      if (!held) return;
      const now = under(event);
      if (!held.carried && Math.hypot(now.x - held.from.x, now.y - held.from.y) < A_DRAG) return;
      held.carried = true;
      held.g.classList.add("is-held");
      place(held.g, Math.min(now.radius, EDGE), now.angle);
      light(ringAt(now.radius));
    });

    const drop = (event, kept) => {
      if (!held) return;
      const { row, g, carried } = held;
      held = null;
      g.classList.remove("is-held");
      light(-1);
      if (!carried) return;
      const now = under(event);
      if (kept) move(row, ringAt(now.radius), now.angle);
      else draw(row);
    };
    svg.addEventListener("pointerup", (event) => drop(event, true));
    svg.addEventListener("pointercancel", (event) => drop(event, false));

    // ------------------------------------------------------------ keyboard

    svg.addEventListener("keydown", (event) => {
      const g = event.target.closest(".kw-circle-person");
      const row = g && [...figures].find(([, figure]) => figure === g)?.[0];
      if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
      const ring = ringOf(row);
      const angle = +g.dataset.angle;
      const steps = {
        ArrowUp: () => move(row, Math.max(0, ring < 0 ? rings.length - 1 : ring - 1), angle),
        ArrowDown: () => move(row, Math.min(rings.length - 1, ring + 1), angle),
        ArrowLeft: () => move(row, ring, angle - TURN),
        ArrowRight: () => move(row, ring, angle + TURN),
        Enter: () => part(row, "ring").focus(),
        " ": () => part(row, "ring").focus(),
      };
      if (!steps[event.key]) return;
      event.preventDefault();
      steps[event.key]();
    });

    root.addEventListener("circle:room", () => {
      while (rowsOf().length < MOST_LINES) addLine();
    });
    root.addEventListener("circle:again", () => {
      const rows = rowsOf();
      while (rows.length > 2 && !valueOf(rows.at(-1), "who") && !valueOf(rows.at(-2), "who")) rows.pop().remove();
      drawAll();
      settled = snapshot();
    });

    // --------------------------------------------------------------- start

    const drawn = [...svg.querySelectorAll("[data-person]")];
    rowsOf()
      .filter((row) => valueOf(row, "who"))
      .forEach((row, place) => drawn[place] && adopt(row, drawn[place]));
    svg.setAttribute("role", "group");
    rowsOf().forEach(draw);
    settled = snapshot();
    root.querySelectorAll("[data-circle-help], [data-circle-undo]").forEach((element) => (element.hidden = false));
  };

  // Taking over what somebody else saved may need more lines than there are: room is made before, drawn after.
  document.addEventListener(
    "click",
    (event) => {
      const note = event.target.closest?.("[name=keep-theirs]")?.closest("[data-conflict]");
      const root = note && document.querySelector(`[data-circle="${CSS.escape(note.dataset.conflict)}"]`);
      if (!root) return;
      root.dispatchEvent(new Event("circle:room"));
      setTimeout(() => root.dispatchEvent(new Event("circle:again")), 0);
    },
    true,
  );

  const start = (page) => page.querySelectorAll("[data-circle]").forEach(setUp);
  document.addEventListener("htmx:load", (event) => start(event.target));
  start(document);
})();
