"use strict";
// The learners as data: who is shown, in which order, and what is shown of each. Nothing here knows the
// page: `h(name, attributes, ...children)` makes an element, and a text is always put there as text.
const learners = (() => {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  // The rows of the index as objects; a missing exercise is null.
  function read(index) {
    return index.rows.map(([name, score, outcomes, points, tags, notes], place) => ({
      number: place + 1,
      name,
      score,
      notes,
      text: name.toLocaleLowerCase(),
      tags,
      cells: Array.from(outcomes, (sign, at) =>
        sign === "-" ? null : { outcome: Number(sign), points: points[at] }),
    }));
  }

  // Those whose name has a text in it and who have a tag; an empty one fits everybody.
  function filter(rows, index, text, tag) {
    const wanted = text.trim().toLocaleLowerCase();
    const number = tag ? index.tags.indexOf(tag) : -1;
    return rows.filter((row) =>
      row.text.includes(wanted) && (!tag || (number >= 0 && row.tags.includes(number))));
  }

  // By column: 0 the name, 1 the total, 2 and on an exercise, any later one the notes.
  function sort(rows, index, column, descending) {
    const points = (row) => (column === 1 ? row.score : row.cells[column - 2]?.points ?? -1);
    const last = index.exercises.length + 2;
    const compare = column === 0 ? (a, b) => collator.compare(a.name, b.name)
      : column >= last ? (a, b) => collator.compare(a.notes, b.notes)
      : (a, b) => points(a) - points(b);
    const sign = descending ? -1 : 1;
    return rows.toSorted((a, b) => sign * compare(a, b) || a.number - b.number);
  }

  // One page of them; a page that is too far is the last.
  function page(rows, number, size) {
    const last = Math.max(0, Math.ceil(rows.length / size) - 1);
    const at = Math.min(Math.max(0, number), last);
    return { number: at, last, rows: rows.slice(at * size, (at + 1) * size) };
  }

  // Where a learner's details are: the part, and the place in it.
  function place(index, number) {
    return { part: Math.floor((number - 1) / index.part), at: (number - 1) % index.part };
  }

  function who(h, row) {
    return [
      h("span", { class: "who" }, h("bdi", {}, row.name)),
      h("span", { class: "nr" }, `Learner ${row.number}`),
    ];
  }

  // A sentence, in which `code` is code.
  function prose(h, text) {
    return text.split(/`([^`\n]+)`/).map((piece, at) => (at % 2 ? h("code", {}, piece) : piece));
  }

  function rowView(h, row, index) {
    const cells = row.cells.map((cell) => cell === null
      ? h("td", { class: "num" }, h("span", { class: "unseen" }, "nothing"))
      : h("td", { class: `num ${index.outcomes[cell.outcome]}` }, `${cell.points} `,
          h("span", { "aria-hidden": "true" }, index.signs[cell.outcome]),
          h("span", { class: "unseen" }, index.states[cell.outcome])));
    return h("tr", { "data-row": String(row.number) },
      h("th", { scope: "row" },
        h("a", { href: `#learner-${row.number}`, "data-learner": String(row.number) }, who(h, row))),
      h("td", { class: "num" }, h("b", {}, String(row.score))), cells, h("td", {}, row.notes));
  }

  function listing(h, lines, text) {
    return h("pre", { tabindex: "0", role: "group", "aria-label": "Code" },
      h("code", {}, lines.map(([number, code, guilty]) => {
        const gutter = `${guilty ? ">" : " "} ${String(number).padStart(4)}`;
        const line = [h("b", { class: "gutter" }, gutter), `  ${text(code)}`];
        return guilty ? [h("mark", {}, line), "\n"] : [line, "\n"];
      })));
  }

  function finding(h, data, index, text, draw) {
    const [outcome, title, tag, message, mistake, lines, drawing] = data;
    return h("li", {},
      h("p", {},
        h("span", { class: `state ${index.outcomes[outcome]}` },
          h("span", { "aria-hidden": "true" }, index.signs[outcome]), ` ${index.verdicts[outcome]}`),
        " ", prose(h, text(title)), text(tag) ? [" ", h("em", {}, `(${text(tag)})`)] : []),
      message.map((line) => h("p", { class: "finding" }, prose(h, text(line)))),
      text(mistake) ? h("p", { class: "aside" }, "Mistake: ", prose(h, text(mistake))) : [],
      lines.length ? listing(h, lines, text) : [],
      drawing >= 0
        ? h("details", { class: "timeline" }, h("summary", {}, "Timeline"),
            h("div", { class: "scroll", role: "region", "aria-label": "Timeline", tabindex: "0" },
              draw(text(drawing))))
        : drawing === -1
          ? h("p", { class: "aside" }, "Its timeline is left out, to keep this page small.") : []);
  }

  function exercise(h, data, index, text, draw) {
    const [short, title, outcome, score, most, passed, note, flags, findings] = data;
    return [
      h("h4", {}, `${text(short)} · `, prose(h, text(title)), " ",
        h("span", { class: `state ${index.outcomes[outcome]}` },
          h("span", { "aria-hidden": "true" }, index.signs[outcome]), ` ${index.states[outcome]}`),
        " ", h("span", { class: "aside" }, `${score}/${most}`)),
      text(note) ? h("p", {}, prose(h, text(note))) : [],
      flags.length
        ? h("p", { class: "flags" }, h("strong", {}, "Flags:"), ` ${flags.map(text).join("; ")}`) : [],
      passed ? h("p", { class: "aside" }, `${passed} ${passed === 1 ? "check" : "checks"} passed.`) : [],
      findings.length
        ? h("ul", { class: "checks" },
            findings.map((one) => finding(h, one, index, text, draw))) : [],
    ];
  }

  function pairs(h, rows, text, between) {
    return rows.map(([path, reason]) => h("li", {}, h("bdi", {}, text(path)), between + text(reason)));
  }

  // All of one learner. part: what holds them; draw: makes a drawing of its markup.
  function details(h, row, part, at, index, draw) {
    const one = part.learners[at];
    const text = (number) => (number === undefined ? "" : part.texts[number]);
    return h("article", { class: "learner", "aria-labelledby": "one-name" },
      h("h3", { id: "one-name", tabindex: "-1" }, who(h, row), " ",
        h("span", { class: "aside" }, text(one.said))),
      text(one.identity) ? h("p", { class: "aside who" }, text(one.identity)) : [],
      text(one.note) ? h("p", { class: "notice" }, text(one.note)) : [],
      one.adjusted ? h("ul", {}, one.adjusted.map((said) => h("li", {}, text(said)))) : [],
      one.doubts ? h("ul", { class: "flags" }, pairs(h, one.doubts, text, " ")) : [],
      (one.exercises ?? []).map((each) => exercise(h, each, index, text, draw)),
      one.unused ? [h("h4", {}, "Not used"), h("ul", {}, pairs(h, one.unused, text, ": "))] : []);
  }

  // The lines of two files, each with whether the other has it somewhere, blank space aside.
  function beside(one, other) {
    const plain = (line) => line.replace(/\s+/g, "");
    const lines = [one, other].map((text) => text.split("\n"));
    const sets = lines.map((some) => new Set(some.map(plain).filter(Boolean)));
    return lines.map((some, at) =>
      some.map((code) => ({ code, shared: sets[1 - at].has(plain(code)) })));
  }

  function besideView(h, rows, sources) {
    const sides = beside(...sources);
    return h("div", { class: "beside" }, sides.map((lines, at) =>
      h("figure", {}, h("figcaption", {}, who(h, rows[at])),
        h("pre", { tabindex: "0", role: "group", "aria-label": `The file of ${at ? "the other" : "one"}` },
          h("code", {}, lines.map(({ code, shared }, place) => {
            const gutter = h("b", { class: "gutter" }, `${shared ? "=" : " "} ${String(place + 1).padStart(4)}`);
            const line = [gutter, `  ${code}`];
            return shared ? [h("mark", {}, line), "\n"] : [line, "\n"];
          }))))));
  }

  return { read, filter, sort, page, place, who, rowView, details, beside, besideView };
})();
if (typeof module !== "undefined") module.exports = learners;
