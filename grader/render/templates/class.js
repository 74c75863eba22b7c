"use strict";
// The page reads without this. It works on the elements that are there and puts no text of a learner
// anywhere as markup.
(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  function valueOf(row, column) {
    const cell = row.cells[column];
    return cell.dataset.value ?? cell.textContent.trim();
  }

  // A click sorts downwards for numbers and upwards for words, a second click the other way.
  function sort(table, heading) {
    const column = heading.cellIndex;
    const numbers = heading.classList.contains("num");
    const first = numbers ? "descending" : "ascending";
    const other = numbers ? "ascending" : "descending";
    const order = heading.getAttribute("aria-sort") === first ? other : first;
    for (const cell of heading.parentNode.cells) {
      if (cell.hasAttribute("aria-sort")) cell.setAttribute("aria-sort", "none");
    }
    heading.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [valueOf(row, column), row]);
    rows.sort(([a], [b]) => sign * (numbers ? parseFloat(a) - parseFloat(b) : collator.compare(a, b)));
    body.append(...rows.map(([, row]) => row));
  }

  for (const table of all("table.sortable")) {
    for (const heading of table.tHead.rows[0].cells) {
      if ("fixed" in heading.dataset) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      heading.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => sort(table, heading));
    }
  }

  // Which learners are shown: by name, and by the tags of their rows.
  const find = one("#find");
  const only = one("#only");
  const learners = all("#class tbody tr").map((row) => ({
    row,
    details: document.getElementById(`learner-${row.dataset.row}`),
    text: row.cells[0].textContent.toLocaleLowerCase(),
    tags: new Set(row.dataset.tags.split(" ")),
  }));

  function filter() {
    const text = find.value.trim().toLocaleLowerCase();
    const tag = only.value;
    let shown = 0;
    for (const learner of learners) {
      const fits = learner.text.includes(text) && (!tag || learner.tags.has(tag));
      learner.row.hidden = !fits;
      learner.details.hidden = !fits;
      shown += fits;
    }
    one("#count").textContent = `${shown} of ${learners.length} shown`;
  }

  const form = one("form.tools");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  for (const button of all("button.filter")) {
    button.addEventListener("click", () => {
      find.value = "";
      only.value = button.dataset.tag;
      filter();
      one("#learners").scrollIntoView();
      only.focus({ preventScroll: true });
    });
  }
  filter();

  // A link to a learner opens the details, also when a filter has hidden them.
  function reveal() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || target.tagName !== "DETAILS") return;
    if (target.hidden) {
      form.reset();
      setTimeout(reveal);
      return;
    }
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  }
  addEventListener("hashchange", reveal);
  for (const link of all('a[href^="#learner-"], a[href^="#checks-"]')) {
    link.addEventListener("click", () => setTimeout(reveal));  // the same link, a second time
  }
  reveal();

  // Projected in a lecture, the page shows no names.
  const names = one("#names");
  names.addEventListener("click", () => {
    const hide = document.documentElement.classList.toggle("private");
    names.setAttribute("aria-pressed", hide);
  });

  const theme = one("#theme");
  const themes = [["", "as the system"], ["light", "light"], ["dark", "dark"]];
  let chosen = 0;
  theme.addEventListener("click", () => {
    chosen = (chosen + 1) % themes.length;
    const [name, words] = themes[chosen];
    if (name) document.documentElement.dataset.theme = name;
    else delete document.documentElement.dataset.theme;
    theme.querySelector("span").textContent = words;
  });

  for (const element of all(".tools, button.filter")) element.hidden = false;
})();
