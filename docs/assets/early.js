// Runs before the page is painted: says that scripts run, and keeps the colors that the reader chose.
"use strict";
document.documentElement.classList.add("js");
try {
  const chosen = localStorage.getItem("colors");
  if (chosen) document.getElementById("dark").media = chosen === "dark" ? "all" : "not all";
} catch {
  // No storage, as in a sandboxed frame: the system's colors it is.
}
