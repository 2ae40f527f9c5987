// Filters the table of tasks and competencies; the choice is kept in the address so that it can be linked.
"use strict";
{
  const form = document.querySelector("[data-kb-filter=matrix]");
  const table = document.getElementById("matrix");

  const show = () => {
    const { role, area, level, cadence } = Object.fromEntries(new FormData(form));
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const cells = [...row.querySelectorAll("td[data-level]")];
      const fits = (cell) => (!area || cell.dataset.area === area) && (!level || cell.dataset.level === level);
      row.hidden =
        Boolean(role && row.dataset.role !== role) ||
        Boolean(cadence && row.dataset.cadence !== cadence) ||
        !cells.some(fits);
      shown += row.hidden ? 0 : 1;
      for (const cell of cells) cell.classList.toggle("kb-dim", !fits(cell));
    }
    for (const cell of table.querySelectorAll("[data-area]")) {
      cell.hidden = Boolean(area && cell.dataset.area !== area);
    }
    form.querySelector("[role=status]").textContent = `${shown} of ${table.tBodies[0].rows.length} tasks shown.`;
  };

  const remember = () => {
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    const query = new URLSearchParams(chosen).toString();
    history.replaceState(null, "", (query ? `?${query}` : location.pathname) + location.hash);
  };

  if (form && table) {
    for (const [name, value] of new URLSearchParams(location.search)) {
      const field = [...form.querySelectorAll("select")].find((select) => select.name === name);
      if (field && [...field.options].some((option) => option.value === value)) field.value = value;
    }
    form.hidden = false;
    form.addEventListener("change", () => { show(); remember(); });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(() => { show(); remember(); }));
    show();
  }
}
