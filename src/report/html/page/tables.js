const PAGE = 200;
// A table that draws the first rows, and more when asked.
const table = (columns, rows) => {
  const body = el("tbody");
  let drawn = 0,
    sorted = rows,
    by = -1,
    down = false;
  const more = el("button", { type: "button", onclick: () => draw() }, "Show more");
  const draw = () => {
    const next = sorted.slice(drawn, drawn + PAGE);
    next.forEach((row) =>
      body.append(
        el(
          "tr",
          {},
          columns.map((column) =>
            el("td", { class: column.number ? "number" : "" }, column.cell(row)),
          ),
        ),
      ),
    );
    drawn += next.length;
    more.hidden = drawn >= sorted.length;
    more.textContent = `Show more (${number(sorted.length - drawn)} left)`;
  };
  const redraw = () => {
    body.replaceChildren();
    drawn = 0;
    draw();
  };
  const heads = columns.map((column, at) => {
    const head = el("th", { scope: "col", class: column.number ? "number" : "" });
    if (!column.key) {
      head.append(column.head);
      return head;
    }
    head.append(
      el(
        "button",
        {
          type: "button",
          onclick: () => {
            down = by === at ? !down : Boolean(column.number);
            by = at;
            const way = down ? -1 : 1;
            sorted = [...rows].sort((left, right) => {
              const [a, b] = [column.key(left), column.key(right)];
              return way * (a < b ? -1 : a > b ? 1 : 0);
            });
            heads.forEach((other) => other.removeAttribute("aria-sort"));
            head.setAttribute("aria-sort", down ? "descending" : "ascending");
            redraw();
          },
        },
        column.head,
      ),
    );
    return head;
  });
  draw();
  return el(
    "div",
    {},
    el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, heads)), body)),
    more,
  );
};
// A field that filters what a function draws.
const filtered = (label, rows, text, draw) => {
  const place = el("div");
  const count = el("span", { class: "faint", role: "status" });
  const words = rows.map((row) => text(row).toLowerCase());
  const field = el("input", { type: "search", "data-filter": "", oninput: () => update() });
  const update = () => {
    const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = rows.filter((_, at) => wanted.every((word) => words[at].includes(word)));
    count.textContent = `${number(kept.length)} of ${number(rows.length)}`;
    place.replaceChildren(draw(kept));
  };
  update();
  return [el("div", { class: "bar" }, el("label", {}, `${label} `, field), count), place];
};
const card = (value, label, tone) =>
  el("div", { class: "card" }, el("b", { class: tone || "" }, value), label);

// The largest of a list as bars.
const SHOWN = 8;
const bars = (list, text) => {
  const largest = [...list].sort((left, right) => right.value - left.value).slice(0, SHOWN);
  return el(
    "ul",
    { class: "bars" },
    largest.map((one) => {
      const bar = el("span", { class: "fill" });
      const share = largest[0].value ? (one.value / largest[0].value) * 100 : 0;
      bar.style.width = `${share ? Math.max(1, share) : 0}%`;
      return el(
        "li",
        {},
        el("span", { class: "name" }, one.name),
        el("span", { class: "track", "aria-hidden": "true" }, bar),
        el("span", { class: "number" }, text(one.value)),
      );
    }),
    list.length > SHOWN
      ? el("li", { class: "faint" }, `… ${number(list.length - SHOWN)} more`)
      : null,
  );
};
const counts = (list, of) => {
  const found = new Map();
  list.forEach((one) => found.set(of(one), (found.get(of(one)) || 0) + 1));
  return [...found].map(([name, value]) => ({ name, value }));
};
const counted = (head, list) =>
  table(
    [
      { head, key: (one) => one.name, cell: (one) => el("span", { class: "path" }, one.name) },
      { head: "Files", number: true, key: (one) => one.value, cell: (one) => number(one.value) },
    ],
    [...list].sort((left, right) => right.value - left.value),
  );
const part = (title, ...children) =>
  el("section", { class: "part" }, el("h2", {}, title), ...children);
