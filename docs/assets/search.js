// The search field in the head and the search page: fetches the index when first used, shows what the engine finds.
// The index comes as scripts, not as JSON, because a page opened from a file share may load scripts only.
"use strict";
{
  const field = document.getElementById("search-field");
  const base = field.dataset.base;

  const script = (path) => new Promise((loaded, failed) => {
    const element = document.createElement("script");
    element.src = `${base}/${path}`;
    element.addEventListener("load", loaded);
    element.addEventListener("error", failed);
    document.head.append(element);
  });

  let engine = null;
  let complete = false;
  let broken = false;
  const boxes = [];
  const refresh = () => boxes.forEach((box) => box.show());

  // Titles answer at once; the whole text, which is larger, follows.
  const start = async () => {
    try {
      await Promise.all([script("assets/search-engine.js"), script("search/titles.js")]);
      engine = kbSearch.load(kbSearch.titles);
      refresh();
      await script("search/text.js");
      engine = kbSearch.load(kbSearch.titles, kbSearch.text);
      complete = true;
    } catch {
      broken = true;
    }
    refresh();
  };

  const element = (name, text, properties = {}) => Object.assign(document.createElement(name), { textContent: text, ...properties });

  const entry = (result) => {
    const item = document.createElement("li");
    const anchor = result.section ? `#${result.section.anchor}` : "";
    item.append(element("a", result.title, { href: `${base}/${result.url}${anchor}` }));
    item.append(" ", element("span", result.kind, { className: "found__kind" }));
    if (result.section) item.append(element("p", `Section: ${result.section.heading}`));
    if (result.summary) item.append(element("p", result.summary));
    return item;
  };

  class Box {
    // `most` results at once; `whole` is the search page, which keeps its question in the address.
    constructor(form, input, most, whole) {
      Object.assign(this, { form, input, most, whole });
      this.list = form.querySelector("ol");
      this.status = form.querySelector("[role=status]");
      this.panel = form.querySelector(".found");
      this.seen = form.querySelector(".found__state");
      input.addEventListener("input", () => this.show());
      form.addEventListener("keydown", (event) => this.move(event));
      if (this.panel) {
        form.addEventListener("focusout", (event) => {
          if (!form.contains(event.relatedTarget)) this.panel.hidden = true;
        });
        form.addEventListener("focusin", () => { if (this.input.value.trim()) this.panel.hidden = false; });
      }
      boxes.push(this);
    }

    show() {
      const query = this.input.value.trim();
      if (this.panel) this.panel.hidden = !query;
      if (this.whole) history.replaceState(null, "", query ? `?q=${encodeURIComponent(query)}` : location.pathname);
      if (!query) {
        this.list.replaceChildren();
        this.say("");
      } else if (broken) {
        this.say("The search could not be loaded. The lists of tasks and competencies do without it.");
      } else if (!engine) {
        this.say("Loading the search …");
      } else {
        // Untrimmed: a space behind a word says that it is whole.
        const results = engine.search(this.input.value, this.most);
        this.list.replaceChildren(...results.map(entry));
        if (this.panel && results.length === this.most) {
          const more = document.createElement("li");
          more.append(element("a", "All results", { href: `${this.form.action}?q=${encodeURIComponent(query)}` }));
          this.list.append(more);
        }
        const number = results.length === this.most ? `${this.most} or more` : results.length;
        const found = results.length === 1 ? "1 page found." : `${number} pages found.`;
        this.say(complete ? found : `${results.length ? found : ""} Searching the whole text …`.trim());
      }
    }

    // Seen at once, spoken when typing pauses.
    say(text) {
      this.seen.textContent = text;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => { this.status.textContent = text; }, 250);
    }

    move(event) {
      const links = [...this.list.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      const typing = document.activeElement === this.input;
      if (event.key === "Escape" && this.panel && !this.panel.hidden) {
        event.preventDefault();
        // In this order: the field opens the panel when it gets the focus.
        this.input.focus();
        this.panel.hidden = true;
      } else if (event.key === "ArrowDown" && links.length && (typing || at >= 0)) {
        event.preventDefault();
        links[Math.min(at + 1, links.length - 1)].focus();
      } else if (event.key === "ArrowUp" && at >= 0) {
        event.preventDefault();
        (at ? links[at - 1] : this.input).focus();
      }
    }
  }

  new Box(field.form, field, 8, false);
  const page = document.querySelector("form[data-search=page]");
  if (page) {
    const input = page.querySelector("input");
    input.value = new URLSearchParams(location.search).get("q") ?? "";
    page.addEventListener("submit", (event) => event.preventDefault());
    new Box(page, input, 40, true);
    if (!input.value) input.focus();
  }
  refresh();
  start();
}
