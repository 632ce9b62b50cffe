// The study can be read without this. It shows the list of patients, opens them, and unfolds the page for print.
(function () {
  "use strict";
  const SHOWN = 50, PRINTED = 300;
  const by = (id) => document.getElementById(id);
  const make = (name, text, attributes) => {
    const made = document.createElement(name);
    if (text !== undefined) { made.textContent = text; }
    Object.entries(attributes || {}).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
  };

  // A link into something that is folded opens it.
  const reveal = () => {
    const target = location.hash && by(decodeURIComponent(location.hash.slice(1)));
    const fold = target && target.closest("details");
    if (fold) { fold.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  reveal();

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    folded.forEach((fold) => { fold.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((fold) => { fold.open = false; }));

  // A figure that is wider than its window can be moved by the keys.
  const reach = () => document.querySelectorAll(".drawing").forEach((drawing) => {
    if (drawing.scrollWidth > drawing.clientWidth) { drawing.setAttribute("tabindex", "0"); } else { drawing.removeAttribute("tabindex"); }
  });
  addEventListener("resize", reach);
  reach();

  const home = by("list-of-patients");
  if (!home) { return; }
  by("without-scripts").hidden = true;

  // Data are beside the page as scripts, or within it as blocks.
  const arrived = new Map();
  const load = (name) => {
    if (!arrived.has(name)) {
      arrived.set(name, new Promise((resolve, reject) => {
        const block = by("data-" + name);
        if (block) { resolve(JSON.parse(block.textContent)); return; }
        waiting.set(name, resolve);
        const script = make("script", undefined, { src: "patients/" + name + ".js", charset: "utf-8" });
        script.onerror = () => {
          arrived.delete(name);
          script.remove();
          reject(new Error("The file patients/" + name + ".js is not beside this page. Keep the folder of the report together."));
        };
        script.onload = () => script.remove();
        document.body.append(script);
      }));
    }
    return arrived.get(name);
  };
  const waiting = new Map();
  const part = (number) => "part-" + String(number).padStart(3, "0");
  window.voxomics = {
    list: (data) => waiting.get("list")(data),
    part: (number, pages) => waiting.get(part(number))(pages),
  };
  const failed = (error) => {
    by("list-lost").textContent = error.message;
    by("list-lost").hidden = false;
  };

  load("list").then((data) => show(data)).catch(failed);

  function show(data) {
    const rows = data.rows.map(([name, cohort, lesions, scores, warnings], at) => {
      return { at, name, cohort: data.cohorts[cohort], place: cohort, lesions, scores, warnings,
        key: (name + " " + data.cohorts[cohort]).toLowerCase() };
    });
    const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
    const value = { name: (row) => row.name, cohort: (row) => row.cohort, lesions: (row) => row.lesions, warnings: (row) => row.warnings };
    const of = (key) => value[key] || ((row) => (row.scores[key] ? row.scores[key][1] : undefined));
    const heads = Array.from(home.querySelectorAll("[data-sort]"));
    const body = home.querySelector("tbody");
    let found = rows, first = 0, sorted = { key: "", falling: false }, opened = -1, wanted = -1;

    const order = () => {
      const { key, falling } = sorted, get = of(key);
      found.sort((a, b) => {
        const [x, y] = [get(a), get(b)];
        // Who has no value comes last in both directions.
        if (x === undefined || y === undefined) { return (x === undefined) - (y === undefined) || a.at - b.at; }
        const less = typeof x === "number" ? x - y : words.compare(x, y);
        return (falling ? -less : less) || a.at - b.at;
      });
    };
    const filter = () => {
      const parts = by("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
      const cohort = by("of-cohort") ? by("of-cohort").value : "";
      const flagged = by("flagged").checked;
      found = rows.filter((row) => (!flagged || row.warnings > 0) && (cohort === "" || row.place === Number(cohort))
        && parts.every((text) => row.key.includes(text)));
      if (sorted.key !== "") { order(); }
      first = 0;
      draw(SHOWN);
    };
    const line = (row) => {
      const made = make("tr");
      const head = make("th", undefined, { scope: "row" });
      head.append(make("a", row.name, { href: "#patient-" + (row.at + 1) }));
      if (row.at === opened) { made.className = "current"; }
      const number = (text) => make("td", text, { class: "number" });
      made.append(head, make("td", row.cohort), number(row.lesions), ...row.scores.map((score) => number(score ? score[0] : "–")),
        number(!data.ranges ? "–" : row.warnings ? "⚠ " + row.warnings : "0"));
      return made;
    };
    const draw = (most) => {
      const last = Math.min(first + most, found.length);
      body.replaceChildren(...found.slice(first, last).map(line));
      by("filtered").textContent = found.length === rows.length ? rows.length + " patients" : found.length + " of " + rows.length + " patients";
      by("place").textContent = found.length ? (first + 1) + "–" + last + " of " + found.length : "nobody";
      by("back").disabled = first === 0;
      by("on").disabled = last >= found.length;
    };
    const turn = (step) => {
      const next = first + step * SHOWN;
      if (next >= 0 && next < found.length) { first = next; draw(SHOWN); return true; }
      return false;
    };
    const links = () => Array.from(body.querySelectorAll("a"));

    heads.forEach((button) => button.addEventListener("click", () => {
      const key = button.dataset.sort;
      sorted = { key, falling: sorted.key === key ? !sorted.falling : false };
      heads.forEach((other) => other.closest("th").setAttribute("aria-sort",
        other !== button ? "none" : sorted.falling ? "descending" : "ascending"));
      found = found.slice();
      order();
      first = 0;
      draw(SHOWN);
    }));
    by("flagged").disabled = !data.ranges;
    ["filter", "of-cohort", "flagged"].map(by).filter(Boolean).forEach((field) => field.addEventListener("input", filter));
    by("back").addEventListener("click", () => turn(-1));
    by("on").addEventListener("click", () => turn(1));
    by("filter").addEventListener("keydown", (event) => {
      const start = links()[0];
      if (!start) { return; }
      if (event.key === "ArrowDown") { event.preventDefault(); start.focus(); }
      if (event.key === "Enter") { start.click(); }
    });
    body.addEventListener("keydown", (event) => {
      const all = links(), at = all.indexOf(document.activeElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        if (to < 0) { if (turn(-1)) { links().pop().focus(); } else { by("filter").focus(); } }
        else if (to >= all.length) { if (turn(1)) { links()[0].focus(); } }
        else { all[to].focus(); }
      }
      if (event.key === "PageDown" || event.key === "PageUp") {
        event.preventDefault();
        if (turn(event.key === "PageDown" ? 1 : -1)) { links()[0].focus(); }
      }
    });

    const close = () => {
      by("opened").replaceChildren();
      opened = -1;
      draw(SHOWN);
      history.replaceState(null, "", "#patients");
    };
    const open = (at) => {
      wanted = at;
      load(part(Math.floor(at / data.part) + 1)).then((pages) => {
        if (at !== wanted) { return; }
        opened = at;
        const tool = (text, act, off) => {
          const made = make("button", text, { type: "button" });
          made.disabled = off;
          made.addEventListener("click", act);
          return made;
        };
        const beside = found.findIndex((row) => row.at === at);
        const go = (step) => () => { location.hash = "#patient-" + (found[beside + step].at + 1); };
        const tools = make("p", undefined, { class: "tools" });
        tools.append(tool("Previous patient", go(-1), beside < 1), tool("Next patient", go(1), beside < 0 || beside + 1 >= found.length),
          tool("Print this patient", alone, false), tool("Close", () => { close(); back(at); }, false));
        const shown = make("article", undefined, { class: "patient", id: "patient-" + (at + 1), tabindex: "-1" });
        const content = make("div");
        content.innerHTML = pages[at % data.part];
        shown.append(tools, content);
        by("opened").replaceChildren(shown);
        draw(SHOWN);
        shown.scrollIntoView();
        shown.focus({ preventScroll: true });
      }).catch(failed);
    };
    const back = (at) => {
      const link = body.querySelector("a[href='#patient-" + (at + 1) + "']");
      (link || by("filter")).focus();
    };
    const follow = () => {
      const at = /^#patient-(\d+)$/.exec(location.hash);
      if (at && rows[at[1] - 1]) { open(at[1] - 1); }
    };
    by("opened").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && opened >= 0) { const at = opened; close(); back(at); }
    });
    const alone = () => { document.body.classList.add("alone"); print(); };
    addEventListener("hashchange", follow);
    addEventListener("beforeprint", () => draw(PRINTED));
    addEventListener("afterprint", () => { document.body.classList.remove("alone"); draw(SHOWN); });

    home.hidden = false;
    draw(SHOWN);
    follow();
  }
})();
