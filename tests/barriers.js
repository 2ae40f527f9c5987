// Looks at a page for what keeps readers out and axe-core does not see. Each check gives back how many things it
// looked at and a line for each barrier; tests/test_accessibility.py says where and in which state they run.
"use strict";
window.barriers = (() => {
  const CLICKED = "a[href], button, input, select, textarea, summary, [aria-expanded], [role=button]";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const shown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) &&
    element.getClientRects().length > 0;
  const said = (element) => {
    const text = (element.getAttribute("aria-label") || element.textContent || "").trim().replace(/\s+/g, " ");
    return `<${element.localName}${element.id && `#${element.id}`}> "${text.slice(0, 50)}"`;
  };
  const named = (element) => {
    const by = element.getAttribute("aria-labelledby");
    const label = by ? document.getElementById(by)?.textContent : element.getAttribute("aria-label");
    return (label || "").trim();
  };
  const result = (elements, fault) => ({
    checks: elements.length,
    found: elements.flatMap((element) => {
      const what = fault(element);
      return what ? [`${said(element)}: ${what}`] : [];
    }),
  });
  const together = (...results) => ({
    checks: results.reduce((sum, one) => sum + one.checks, 0),
    found: results.flatMap((one) => one.found),
  });
  const must = (holds, what) => ({ checks: 1, found: holds ? [] : [what] });
  const twice = (names) => names.filter((name, place) => names.indexOf(name) !== place);

  // ---- colors ----
  const parts = (color) => {
    const numbers = color.match(/[\d.]+(e-?\d+)?/g).map(Number);
    // color-mix() gives color(srgb 0…1), everything else rgb(0…255).
    const scale = color.startsWith("color(") ? 255 : 1;
    return [...numbers.slice(0, 3).map((number) => number * scale), numbers[3] ?? 1];
  };
  const over = ([r, g, b, alpha], below) => [r, g, b].map((value, i) => alpha * value + (1 - alpha) * below[i]);
  const ground = (element) => {
    if (!element) return parts(getComputedStyle(document.documentElement).backgroundColor).slice(0, 3);
    const own = parts(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
  };
  const light = (color) => {
    const [r, g, b] = color.map((value) => (value / 255 <= 0.04045 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, two) => {
    const [dark, bright] = [light(one), light(two)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };

  const texts = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const unseen = element.closest("script, style, title, option, .unseen");
      if (walker.currentNode.data.trim() && !unseen && shown(element)) found.add(element);
    }
    return [...found];
  };

  return {
    // ---- what a page is made of ----
    language: () => together(
      must(document.documentElement.lang === "en", "the page does not say its language"),
      must(document.title.trim() !== "", "the page has no title"),
    ),

    landmarks: () => {
      const navs = all("nav").filter(shown);
      const regions = all("[role=region], nav, aside, section[aria-label], section[aria-labelledby]").filter(shown);
      return together(
        must(all("main").length === 1, "there is not exactly one main part"),
        must(all("body > header").length === 1, "there is not exactly one header"),
        must(all("body > footer").length === 1, "there is not exactly one footer"),
        result(navs, (nav) => !named(nav) && "a navigation without a name"),
        result(regions, (region) => twice(regions.map(named)).includes(named(region)) && "a name that another part has too"),
      );
    },

    headings: () => {
      const headings = all("h1, h2, h3, h4, h5, h6").filter(shown);
      const rank = (heading) => Number(heading.localName[1]);
      return together(
        must(headings.filter((heading) => rank(heading) === 1).length === 1, "there is not exactly one heading of the first rank"),
        result(headings, (heading) => {
          const before = headings[headings.indexOf(heading) - 1];
          return rank(heading) > (before ? rank(before) : 0) + 1 && "a heading that skips a rank";
        }),
      );
    },

    tables: () => together(
      result(all("table"), (table) =>
        (!table.caption && !named(table) && !named(table.parentElement) && "a table without a name") ||
        (!table.querySelector("th") && "a table without header cells")),
      result(all("th"), (cell) => !cell.scope && "a header cell that does not say what it heads"),
      result(all("*").filter((element) => /auto|scroll/.test(getComputedStyle(element).overflowX) && shown(element)), (frame) =>
        frame.scrollWidth > frame.clientWidth && frame.tabIndex < 0 && !frame.querySelector("a, button") && "scrolls, but not by keyboard"),
    ),

    images: () => together(
      result(all("img"), (image) => !image.hasAttribute("alt") && "an image without a text"),
      result(all("svg").filter(shown), (image) =>
        !image.closest("[aria-hidden=true]") && !(image.getAttribute("role") === "img" && named(image)) && "a drawing without a text"),
    ),

    // A placeholder goes away when one begins to type, so that it is no label.
    fields: () => result(all("input, select, textarea"), (field) => !field.labels.length && !named(field) && "a field without a label"),

    references: () => result(all("[aria-controls], [aria-labelledby], [aria-describedby]"), (element) =>
      ["aria-controls", "aria-labelledby", "aria-describedby"]
        .flatMap((name) => (element.getAttribute(name) || "").split(/\s+/).filter(Boolean))
        .filter((id) => !document.getElementById(id))
        .map((id) => `points to #${id}, which is not there`)[0]),

    // ---- what it looks like ----
    contrast: () => result(texts(), (element) => {
      const style = getComputedStyle(element);
      const svg = element.ownerSVGElement;
      const background = ground(svg ? svg.parentElement : element);
      const reached = ratio(over(parts(svg ? style.fill : style.color), background), background);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
      return reached < (large ? 3 : 4.5) && `contrast ${reached.toFixed(2)}`;
    }),

    sideways: () => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return must(scrollWidth <= clientWidth, `the page is ${scrollWidth} pixels wide in a window of ${clientWidth}`);
    },

    // Text that leaves its box is cut off there, or lies on top of what comes next.
    clipped: () => result(texts().filter((element) => !element.ownerSVGElement && getComputedStyle(element).display !== "inline"), (element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      const [text, box] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
      const scrolls = /auto|scroll/.test(getComputedStyle(element).overflow);
      const out = Math.max(box.left - text.left, text.right - box.right, box.top - text.top, text.bottom - box.bottom);
      return !scrolls && out > 2 && `its text is cut off or leaves its box by ${Math.round(out)} pixels`;
    }),

    targets: () => result(all("button, select, summary, input, nav.menu a, .head a, .crumbs a, .near a, .edit a, body > footer a").filter(shown), (element) => {
      const { width, height } = element.getBoundingClientRect();
      return Math.min(width, height) < 24 && `a target of ${Math.round(width)} × ${Math.round(height)} pixels`;
    }),

    motion: () => together(
      must(document.getAnimations().length === 0, "something moves"),
      result(all("*"), (element) => {
        const style = getComputedStyle(element);
        const moves = style.transitionDuration.split(",").some((time) => parseFloat(time) > 0) || style.animationName !== "none";
        return (moves && "is set to move") || (style.scrollBehavior === "smooth" && "is set to scroll smoothly");
      }),
    ),

    // ---- where the focus is ----
    stop: () => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const style = getComputedStyle(element);
      const box = [...element.getClientRects()].find((rect) => rect.width > 0 && rect.height > 0);
      const faults = [];
      if (!box || !shown(element)) faults.push("is not visible");
      else {
        const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
        const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
        const hit = right > left && bottom > top && document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        if (!hit) faults.push("is outside the window");
        else if (!element.contains(hit) && !hit.closest("a")?.contains(element)) faults.push(`is covered by ${said(hit)}`);
        const width = parseFloat(style.outlineWidth);
        if (style.outlineStyle === "none" || width < 2) faults.push("does not show that it has the focus");
        else {
          const background = ground(element.parentElement);
          const reached = ratio(over(parts(style.outlineColor), background), background);
          if (reached < 3) faults.push(`shows the focus with a contrast of only ${reached.toFixed(2)}`);
        }
      }
      return { what: said(element), href: element.href || "", faults };
    },

    // While a key is held down, each of its presses finds the focus where the one before has left it.
    begin: () => {
      const stops = new Map();
      window.barriers.stops = stops;
      addEventListener("keydown", (event) => {
        const stop = event.key === "Tab" && window.barriers.stop();
        if (stop && !stops.has(document.activeElement)) stops.set(document.activeElement, stop);
      }, true);
    },

    walked: () => {
      const stops = [...window.barriers.stops.values()];
      const missed = result(all(CLICKED).filter(shown), (element) => !window.barriers.stops.has(element) && "is not reached");
      const found = stops.flatMap((stop) => stop.faults.map((fault) => `${stop.what} ${fault}`));
      return { checks: stops.length + missed.checks, found: [...found, ...missed.found], way: stops.map((stop) => stop.what) };
    },
  };
})();
