// The menu on narrow screens, the choice of colors, and buttons that copy code. Everything works without them.
"use strict";
{
  const menuButton = document.getElementById("menu-button");
  const menu = document.getElementById("menu");
  const openMenu = (open) => {
    menuButton.setAttribute("aria-expanded", String(open));
    menu.classList.toggle("menu--open", open);
  };
  menuButton.hidden = false;
  menuButton.addEventListener("click", () => {
    const open = menuButton.getAttribute("aria-expanded") !== "true";
    openMenu(open);
    if (open) menu.querySelector("a").focus();
  });
  // Where it lies over the page, the focus must not go on below it.
  menu.addEventListener("focusout", ({ relatedTarget: next }) => {
    const covers = getComputedStyle(menu).position === "fixed";
    if (covers && next && !menu.contains(next) && !next.closest(".head")) openMenu(false);
  });
  for (const part of [menu, menuButton]) {
    part.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || menuButton.getAttribute("aria-expanded") !== "true") return;
      openMenu(false);
      menuButton.focus();
    });
  }

  const colors = document.getElementById("colors");
  const dark = document.getElementById("dark");
  const isDark = () => matchMedia(dark.media).matches;
  const nameColors = () => {
    colors.textContent = isDark() ? "Light" : "Dark";
    colors.setAttribute("aria-label", `Use ${isDark() ? "light" : "dark"} colors`);
  };
  nameColors();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameColors);
  colors.hidden = false;
  colors.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    dark.media = next === "dark" ? "all" : "not all";
    nameColors();
    try {
      localStorage.setItem("colors", next);
    } catch {
      // No storage: the choice lasts for this page.
    }
  });

  if (navigator.clipboard) {
    const status = document.createElement("p");
    status.className = "unseen";
    status.setAttribute("role", "status");
    document.body.append(status);
    for (const block of document.querySelectorAll("article pre")) {
      // What deletes is typed by somebody who has read what it deletes.
      if ([...block.querySelectorAll(".kb-change")].some((change) => change.textContent.includes("deletes:"))) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        // Of a console session, what is typed.
        const typed = [...block.querySelectorAll(".kb-command")].map((command) => command.textContent).join("\n");
        await navigator.clipboard.writeText(typed || block.innerText);
        status.textContent = "Copied.";
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; status.textContent = ""; }, 3000);
      });
      block.before(button);
    }
  }

  // The search is fetched when it is first used, and at once on its own page.
  const field = document.getElementById("search-field");
  const fetchSearch = () => {
    for (const event of ["focus", "input"]) field.removeEventListener(event, fetchSearch);
    const script = document.createElement("script");
    script.src = `${field.dataset.base}/assets/search.js`;
    document.head.append(script);
  };
  for (const event of ["focus", "input"]) field.addEventListener(event, fetchSearch);
  if (document.querySelector("[data-search=page]") || document.activeElement === field) fetchSearch();

  // Keeps pages for the time without a network; see sw.js. Not in frames without storage, and not from a file share.
  const worker = document.documentElement.dataset.worker;
  if (worker && "serviceWorker" in navigator) {
    addEventListener("load", () => navigator.serviceWorker.register(worker).catch(() => {}));
  }
}
