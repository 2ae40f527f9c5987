// 404.html is shown at addresses of every depth, and the handbook may stand at another path than it was built for. So
// that page asks for this script at several heights above its address: the first copy that answers knows the path, and
// sets right what was written for another one.
"use strict";
{
  const { src, dataset: { built } } = document.currentScript;
  const here = new URL("..", src).pathname.replace(/\/$/, "");
  for (const script of document.querySelectorAll("script[data-built]")) delete script.dataset.built;

  if (built !== undefined && built !== here) {
    for (const name of ["href", "src", "action", "data-base", "data-worker"]) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        const value = element.getAttribute(name);
        if (value !== built && !value.startsWith(`${built}/`)) continue;
        const moved = here + value.slice(built.length);
        if (element.localName !== "script") {
          element.setAttribute(name, moved);
          continue;
        }
        // Another copy of the handbook may stand where this one was built for: its scripts are the same, and have run.
        if (document.documentElement.classList.contains("js")) continue;
        // A script that has failed is not tried again, but a new one is. Not async: they count on their order.
        const again = document.createElement("script");
        again.async = false;
        again.src = moved;
        element.replaceWith(again);
      }
    }
  }
}
