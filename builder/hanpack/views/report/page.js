"use strict";
(() => {
  const samples = JSON.parse(document.getElementById("samples").textContent);
  // The texts of this script in the language of the page, by their English, with {} for each value.
  const words = JSON.parse(document.body.dataset.words);
  const translate = (text, ...values) =>
    values.reduce((filled, value) => filled.replace("{}", () => value), words[text] || text);
  const list = document.getElementById("list");
  const detail = document.getElementById("detail");
  const filter = document.getElementById("filter");
  const noMatch = document.getElementById("no-match");
  const buttons = new Map();
  let current = null;

  // A part is written as [step, kind, text] or [step, kind, text, raw]; both texts are equal in the first case.
  for (const sample of samples) {
    sample.parts = sample.parts.map(([step, kind, text, raw = text]) => ({ step, kind, text, raw }));
    sample.edits = sample.parts.filter((part) => part.step);
  }

  // Every text is added as text: nothing of a build is ever read as markup.
  const make = (name, className, ...content) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...content);
    return element;
  };
  const symbols = { "\n": "⏎\n", "\t": "⇥\t", " ": "␣", "\u3000": "□", "\u00a0": "⍽" };
  const isBlank = (text) => text !== "" && text.trim() === "";
  const showBlank = (text) =>
    isBlank(text) ? text.replace(/[\n\t \u3000\u00a0]/g, (blank) => symbols[blank]) : text;
  const quote = (text) => {
    if (text === "") return translate("nothing");
    return "“" + showBlank(text.length > 160 ? text.slice(0, 160) + " …" : text) + "”";
  };
  const explain = ({ step, kind, text, raw }) => {
    const explanations = {
      removed: translate(" removed {}", quote(raw)),
      inserted: translate(" inserted {}", quote(text)),
      flagged: translate(" flagged {} and left it as it is", quote(text)),
    };
    const replaced = translate(" replaced {} by {}", quote(raw), quote(text));
    return [make("b", "", step), explanations[kind] || replaced];
  };

  const makeFacts = (pairs) => {
    const facts = make("dl", "facts");
    for (const [name, value] of pairs) {
      const content = make("dd", name === "sha256" || name === "document" ? "mono" : "");
      if (/^https?:\/\/[^\s]+$/i.test(value)) {
        const link = make("a", "", value);
        link.href = value;
        link.rel = "noopener noreferrer nofollow";
        content.append(link);
      } else {
        content.append(value);
      }
      facts.append(make("div", value.length > 22 ? "wide" : "", make("dt", "", name), content));
    }
    return facts;
  };

  // One side of the comparison: the raw texts of all parts (field "raw") or the final ones (field "text").
  const makeSide = (title, sample, field, choose) => {
    const text = make("div", "text");
    text.lang = document.body.dataset.language;
    sample.parts.forEach((part, number) => {
      if (!part.step) {
        text.append(part[field]);
        return;
      }
      const mark = make("mark", part.kind, showBlank(part[field]));
      if (!part[field]) mark.classList.add("empty");
      mark.dataset.part = String(number);
      mark.title = part.step + ": " + part.kind;
      mark.tabIndex = 0;
      mark.addEventListener("click", () => choose(number));
      mark.addEventListener("keydown", (event) => {
        if (event.key === "Enter") choose(number);
      });
      text.append(mark);
    });
    return make("div", "", make("h4", "", title), text);
  };

  const makeLegend = (edits) => {
    const counts = new Map();
    for (const { step, kind } of edits) {
      const name = step + " " + translate(kind);
      counts.set(name, [kind, (counts.get(name) || [kind, 0])[1] + 1]);
    }
    const legend = make("ul", "legend");
    for (const [name, [kind, count]] of counts) {
      legend.append(make("li", "", make("mark", kind, name + " × " + count)));
    }
    return legend;
  };

  const makeEditList = (edits) => {
    const rows = make("ol", "scroll");
    for (const edit of edits) rows.append(make("li", "", ...explain(edit)));
    return make("details", "steps", make("summary", "", translate("All {} edits in words", edits.length)), rows);
  };

  const show = (sample, scroll) => {
    current = sample;
    const edits = sample.edits;
    const hint = edits.length ? "Choose a highlighted place to see what was done there." : "Nothing was changed in this chunk.";
    const explanation = make("p", "explanation", translate(hint));
    explanation.setAttribute("aria-live", "polite");
    const choose = (number) => {
      for (const mark of detail.querySelectorAll(".text mark")) {
        mark.classList.toggle("chosen", mark.dataset.part === String(number));
      }
      explanation.replaceChildren(...explain(sample.parts[number]));
    };
    const title = make("h3", "mono", sample.id);
    const section = make("p", "path", sample.section.length ? sample.section.join(" › ") : translate("under no heading"));
    const sides = make(
      "div", "sides",
      makeSide(translate("Raw: the text of the source's bytes"), sample, "raw", choose),
      makeSide(translate("Final: the chunk"), sample, "text", choose),
    );
    const content = [title, section, makeFacts(sample.facts)];
    if (sample.metadata.length) content.push(make("h4", "", translate("Metadata")), makeFacts(sample.metadata));
    if (edits.length) content.push(makeLegend(edits), explanation, sides, makeEditList(edits));
    else content.push(explanation, sides);
    detail.replaceChildren(...content);
    for (const [id, button] of buttons) button.setAttribute("aria-current", String(id === sample.id));
    if (scroll && detail.getBoundingClientRect().top > window.innerHeight * 0.5) detail.scrollIntoView();
  };

  // The address names the chunk to show; without a name the first is shown.
  const showFromAddress = (scroll) => {
    const named = /^#chunk=(.+)$/.exec(location.hash);
    const sample = named && samples.find((candidate) => candidate.id === decodeURIComponent(named[1]));
    if (named && !sample) {
      current = null;
      const text = "This chunk is not among the samples of this page; hanpack trace shows it.";
      detail.replaceChildren(make("p", "explanation", translate(text)));
      detail.scrollIntoView();
    } else if (samples.length && !(sample && sample === current)) {
      show(sample || samples[0], scroll);
      if (sample && !scroll) document.getElementById("chunks").scrollIntoView({ behavior: "instant" });
    }
  };

  for (const sample of samples) {
    const text = sample.parts.map((part) => part.text).join("");
    const count = sample.edits.length;
    const title = make("b", "", text.trim().slice(0, 60) || translate("blank"));
    title.lang = document.body.dataset.language;
    const facts = make("small", "", translate(count === 1 ? "{} tokens · {} edit" : "{} tokens · {} edits", sample.tokens, count));
    const button = make("button", "", title, facts, make("small", "", sample.source));
    button.type = "button";
    button.dataset.chunk = sample.id;
    button.addEventListener("click", () => {
      show(sample, true);
      location.hash = "#chunk=" + encodeURIComponent(sample.id);
    });
    buttons.set(sample.id, button);
    list.append(make("li", "", button));
    sample.searchText = [text, sample.id, sample.source, ...sample.section].join("\n").toLowerCase();
  }
  filter.addEventListener("input", () => {
    const query = filter.value.trim().toLowerCase();
    let matches = 0;
    for (const sample of samples) {
      const isMatch = sample.searchText.includes(query);
      buttons.get(sample.id).parentElement.hidden = !isMatch;
      if (isMatch) matches += 1;
    }
    noMatch.hidden = matches > 0;
  });
  window.addEventListener("hashchange", () => showFromAddress(true));
  showFromAddress(false);
})();
