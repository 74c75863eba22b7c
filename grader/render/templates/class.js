// The page reads without this, but for the details of learners, which are data until they are asked for.
// Nothing of a learner becomes markup, but for drawings, which the grader has made and escaped.
(() => {
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const json = (element) => JSON.parse(element.textContent);

  function h(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children.flat(Infinity));
    return element;
  }

  function draw(markup) {
    const template = document.createElement("template");
    template.innerHTML = markup;
    return template.content;
  }

  // A click sorts downwards for numbers and upwards for words, a second click the other way.
  function turned(heading) {
    const first = heading.classList.contains("num") ? "descending" : "ascending";
    const other = first === "descending" ? "ascending" : "descending";
    const order = heading.getAttribute("aria-sort") === first ? other : first;
    for (const cell of heading.parentNode.cells) {
      if (cell.hasAttribute("aria-sort")) cell.setAttribute("aria-sort", "none");
    }
    heading.setAttribute("aria-sort", order);
    return order === "descending";
  }

  function sort(table, heading) {
    const sign = turned(heading) ? -1 : 1;
    const numbers = heading.classList.contains("num");
    const body = table.tBodies[0];
    const value = (row) => {
      const cell = row.cells[heading.cellIndex];
      return cell.dataset.value ?? cell.textContent.trim();
    };
    const rows = Array.from(body.rows, (row) => [value(row), row]);
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
      button.addEventListener("click", () =>
        (table.id === "class" ? sortLearners(heading) : sort(table, heading)));
    }
  }

  // Which learners are shown: by name, by a tag, in an order, a page of them at a time.
  const index = json(one("#index"));
  const everybody = learners.read(index);
  const find = one("#find");
  const only = one("#only");
  const size = one("#size");
  let order = everybody;
  let at = 0;

  function show() {
    const found = learners.filter(order, index, find.value, only.value);
    const some = learners.page(found, at, Number(size.value) || found.length || 1);
    at = some.number;
    one("#class tbody").replaceChildren(...some.rows.map((row) => learners.rowView(h, row, index)));
    one("#count").textContent = `${found.length} of ${everybody.length} found`
      + (some.last ? `, page ${at + 1} of ${some.last + 1}` : "");
    one("#earlier").disabled = at === 0;
    one("#later").disabled = at === some.last;
  }

  function sortLearners(heading) {
    order = learners.sort(everybody, index, heading.cellIndex, turned(heading));
    at = 0;
    show();
  }

  const form = one("form.tools");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { at = 0; show(); });
  form.addEventListener("reset", () => setTimeout(() => { at = 0; show(); }));
  one("#earlier").addEventListener("click", () => { at -= 1; show(); });
  one("#later").addEventListener("click", () => { at += 1; show(); });
  for (const button of all("button.filter")) {
    button.addEventListener("click", () => {
      find.value = "";
      only.value = button.dataset.tag;
      at = 0;
      show();
      one("#learners").scrollIntoView();
      only.focus({ preventScroll: true });
    });
  }
  show();

  // The details of one learner, of the part that holds them.
  const parts = all("script.part");
  const read = new Map();
  function partOf(number) {
    const { part, at } = learners.place(index, number);
    if (!read.has(part)) read.set(part, json(parts[part]));
    return [read.get(part), at];
  }

  function reveal() {
    const number = Number(/^#learner-([0-9]+)$/.exec(location.hash)?.[1]);
    const row = everybody[number - 1];
    if (!row) return;
    const [part, place] = partOf(number);
    one("#one").replaceChildren(learners.details(h, row, part, place, index, draw));
    one("#one-name").focus({ preventScroll: true });
    one("#details").scrollIntoView();
  }
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-learner]");
    if (!link) return;
    event.preventDefault();
    const hash = `#learner-${link.dataset.learner}`;
    if (location.hash === hash) reveal();  // the same link, a second time
    else location.hash = hash;
  });
  reveal();

  // Two files of a group that looks alike, side by side.
  for (const button of all("button.compare")) {
    button.addEventListener("click", () => {
      const [exercise, numbers] = index.groups[button.dataset.group];
      const source = (number) => {
        const [part, place] = partOf(number);
        return part.texts[part.learners[place].sources[exercise]];
      };
      const options = () => numbers.map((number) => h("option", { value: String(number) },
        document.documentElement.classList.contains("private")
          ? `Learner ${number}` : everybody[number - 1].name));
      const choices = ["One", "Other"].map((words) => h("select", { "aria-label": words }, options()));
      choices[1].selectedIndex = 1;
      const place = h("div", {});
      const compare = () => {
        const chosen = choices.map((choice) => Number(choice.value));
        place.replaceChildren(learners.besideView(
          h, chosen.map((number) => everybody[number - 1]), chosen.map(source)));
      };
      for (const choice of choices) choice.addEventListener("change", compare);
      compare();
      const heading = h("h3", { tabindex: "-1" }, "Side by side");
      one("#beside").replaceChildren(heading, h("p", { class: "aside" },
        "A line that the other file has, too, is marked with =."),
        h("div", { class: "tools" }, choices), place);
      heading.focus();
    });
  }

  // A link to the checks of an exercise opens them.
  for (const link of all('a[href^="#checks-"]')) {
    link.addEventListener("click", () => { one(link.getAttribute("href")).open = true; });
  }

  // Projected in a lecture, the page shows no names.
  const names = one("#names");
  names.addEventListener("click", () => {
    const hide = document.documentElement.classList.toggle("private");
    names.setAttribute("aria-pressed", hide);
    one("#beside").replaceChildren();
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

  for (const element of all(".tools, button.filter, button.compare")) element.hidden = false;
})();
