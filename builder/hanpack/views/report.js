"use strict";
(() => {
  const samples = JSON.parse(document.getElementById("samples").textContent);
  const list = document.getElementById("list");
  const detail = document.getElementById("detail");
  const find = document.getElementById("find");
  const none = document.getElementById("none");
  const buttons = new Map();
  let shown = null;

  // Every text goes in as text: nothing of a build is ever read as markup.
  const make = (name, className, ...content) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...content);
    return element;
  };
  const marked = { "\n": "⏎\n", "\t": "⇥\t", " ": "␣", "\u3000": "□", "\u00a0": "⍽" };
  const symbols = (text) => text.replace(/[\n\t \u3000\u00a0]/g, (found) => marked[found]);
  const isBlank = (text) => text !== "" && text.trim() === "";
  const rawOf = (piece) => (piece.length > 3 ? piece[3] : piece[2]);
  const quoted = (text) => {
    const shown = text.length > 160 ? text.slice(0, 160) + " …" : text;
    return text === "" ? "nothing" : "“" + (isBlank(shown) ? symbols(shown) : shown) + "”";
  };
  const sentence = (piece) => {
    const [step, kind, text] = piece;
    if (kind === "removed") return [make("b", "", step), " removed " + quoted(rawOf(piece))];
    if (kind === "inserted") return [make("b", "", step), " inserted " + quoted(text)];
    if (kind === "flagged") return [make("b", "", step), " marked " + quoted(text) + " and left it as it is"];
    return [make("b", "", step), " made " + quoted(text) + " of " + quoted(rawOf(piece))];
  };

  const facts = (pairs) => {
    const shown = make("dl", "facts");
    for (const [name, value] of pairs) {
      const told = make("dd", name === "sha256" || name === "document" ? "mono" : "");
      if (/^https?:\/\/[^\s]+$/i.test(value)) {
        const link = make("a", "", value);
        link.href = value;
        link.rel = "noopener noreferrer nofollow";
        told.append(link);
      } else {
        told.append(value);
      }
      shown.append(make("div", value.length > 22 ? "wide" : "", make("dt", "", name), told));
    }
    return shown;
  };

  const side = (title, sample, isRaw, choose) => {
    const text = make("div", "text");
    text.lang = document.body.dataset.language;
    sample.pieces.forEach((piece, number) => {
      const shown = isRaw ? rawOf(piece) : piece[2];
      if (!piece[0]) {
        text.append(shown);
        return;
      }
      const mark = make("mark", piece[1], isBlank(shown) ? symbols(shown) : shown);
      if (!shown) mark.classList.add("gone");
      mark.dataset.piece = String(number);
      mark.title = piece[0] + ": " + piece[1];
      mark.tabIndex = 0;
      mark.addEventListener("click", () => choose(number));
      mark.addEventListener("keydown", (event) => {
        if (event.key === "Enter") choose(number);
      });
      text.append(mark);
    });
    return make("div", "", make("h4", "", title), text);
  };

  const legend = (edits) => {
    const counts = new Map();
    for (const [step, kind] of edits) {
      const name = step + " " + kind;
      counts.set(name, [kind, (counts.get(name) || [kind, 0])[1] + 1]);
    }
    const shown = make("ul", "legend");
    for (const [name, [kind, count]] of counts) {
      shown.append(make("li", "", make("mark", kind, name + " × " + count)));
    }
    return shown;
  };

  const every = (edits) => {
    const rows = make("ol", "scroll");
    for (const piece of edits) rows.append(make("li", "", ...sentence(piece)));
    return make("details", "steps", make("summary", "", "All " + edits.length + " edits in words"), rows);
  };

  const show = (sample, scroll) => {
    shown = sample;
    const edits = sample.pieces.filter((piece) => piece[0]);
    const told = make("p", "told", edits.length ? "Choose a highlighted place to see what was done there." : "");
    told.setAttribute("aria-live", "polite");
    const choose = (number) => {
      for (const mark of detail.querySelectorAll(".text mark")) {
        mark.classList.toggle("chosen", mark.dataset.piece === String(number));
      }
      told.replaceChildren(...sentence(sample.pieces[number]));
    };
    const title = make("h3", "mono", sample.id);
    const path = make("p", "path", sample.section.length ? sample.section.join(" › ") : "under no heading");
    const sides = make(
      "div", "sides",
      side("Raw: the text of the source's bytes", sample, true, choose),
      side("Final: the chunk", sample, false, choose),
    );
    const parts = [title, path, facts(sample.facts)];
    if (sample.metadata.length) parts.push(make("h4", "", "Metadata"), facts(sample.metadata));
    if (edits.length) parts.push(legend(edits), told, sides, every(edits));
    else parts.push(make("p", "told", "Nothing was changed in this chunk."), sides);
    detail.replaceChildren(...parts);
    for (const [id, button] of buttons) button.setAttribute("aria-current", String(id === sample.id));
    if (scroll && detail.getBoundingClientRect().top > window.innerHeight * 0.5) detail.scrollIntoView();
  };

  const open = (scroll) => {
    const asked = /^#chunk=(.+)$/.exec(location.hash);
    const sample = asked && samples.find((one) => one.id === decodeURIComponent(asked[1]));
    if (asked && !sample) {
      shown = null;
      detail.replaceChildren(make("p", "told", "This chunk is not among the samples of this page; hanpack trace shows it."));
      detail.scrollIntoView();
    } else if (samples.length && !(sample && sample === shown)) {
      show(sample || samples[0], scroll);
      if (sample && !scroll) document.getElementById("chunks").scrollIntoView({ behavior: "instant" });
    }
  };

  for (const sample of samples) {
    const text = sample.pieces.map((piece) => piece[2]).join("");
    const edits = sample.pieces.filter((piece) => piece[0]).length;
    const title = make("b", "", text.trim().slice(0, 60) || "blank");
    title.lang = document.body.dataset.language;
    const facts = make("small", "", sample.tokens + " tokens · " + edits + (edits === 1 ? " edit" : " edits"));
    const button = make("button", "", title, facts, make("small", "", sample.source));
    button.type = "button";
    button.dataset.chunk = sample.id;
    button.addEventListener("click", () => {
      show(sample, true);
      location.hash = "#chunk=" + encodeURIComponent(sample.id);
    });
    buttons.set(sample.id, button);
    list.append(make("li", "", button));
    sample.searched = (text + "\n" + sample.id + "\n" + sample.source + "\n" + sample.section.join("\n")).toLowerCase();
  }
  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    let left = 0;
    for (const sample of samples) {
      const holds = sample.searched.includes(wanted);
      buttons.get(sample.id).parentElement.hidden = !holds;
      if (holds) left += 1;
    }
    none.hidden = left > 0;
  });
  window.addEventListener("hashchange", () => open(true));
  open(false);
})();
