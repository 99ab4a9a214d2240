// Squarified rectangles (Bruls, Huizing, van Wijk): nearly square, the largest first.
const squarified = (items, x, y, width, height, place) => {
  const total = items.reduce((all, item) => all + item.value, 0);
  let rest = items.slice(),
    area = width * height;
  const scale = total ? area / total : 0;
  while (rest.length) {
    const side = Math.min(width, height);
    let row = [],
      sum = 0,
      worst = Infinity;
    while (rest.length) {
      const next = rest[0].value * scale;
      const grown = sum + next;
      const sizes = [...row.map((item) => item.value * scale), next];
      const ratio = Math.max(
        ...sizes.map((size) =>
          Math.max((side * side * size) / (grown * grown), (grown * grown) / (side * side * size)),
        ),
      );
      if (row.length && ratio > worst) break;
      worst = ratio;
      sum = grown;
      row.push(rest.shift());
    }
    const depth = side ? sum / side : 0;
    let at = 0;
    row.forEach((item) => {
      const length = depth ? (item.value * scale) / depth : 0;
      if (width >= height) place(item, x, y + at, depth, length);
      else place(item, x + at, y, length, depth);
      at += length;
    });
    if (width >= height) {
      x += depth;
      width -= depth;
    } else {
      y += depth;
      height -= depth;
    }
  }
};
const declared = (list) =>
  list.length
    ? el(
        "ul",
        {},
        list
          .slice(0, 20)
          .map((one) =>
            el(
              "li",
              {},
              el("span", { class: "path" }, `${one.place} ${one.field}`),
              one.value ? ` ${one.value}` : "",
            ),
          ),
      )
    : el("p", { class: "faint" }, "Nothing of services.yaml.");
// All layers of all images, each once, with the images that have it.
const allLayers = () => {
  const layers = new Map();
  const add = (image, layer) => {
    const known = layers.get(layer.diff_id);
    if (!known) {
      layers.set(layer.diff_id, { ...layer, of: [image.name] });
      return;
    }
    known.of.push(image.name);
    if (!known.image && layer.image) {
      const { image: owner, step, declared: list } = layer;
      Object.assign(known, { image: owner, step, declared: list });
    }
  };
  sized.forEach((ledger) =>
    ledger.images.forEach((image) => image.layers.forEach((layer) => add(image, layer))),
  );
  return [...layers.values()];
};
const LIMIT = 300;
// What the map has: the largest layers, and the others as one.
const mapped = () => {
  const items = allLayers()
    .filter((layer) => layer.bytes > 0)
    .map((layer) => ({ value: layer.bytes, layer, owner: layer.image || "external images" }))
    .sort((left, right) => right.value - left.value);
  const rest = items.splice(LIMIT);
  if (rest.length)
    items.push({
      value: rest.reduce((all, item) => all + item.value, 0),
      owner: `${number(rest.length)} smaller layers`,
      layer: null,
    });
  return items;
};
const layerDetails = ({ owner, value, layer }) => {
  if (!layer) return [el("h3", {}, `${owner}, ${bytes(value)}`)];
  const files = layer.files ? ` in ${plural(layer.files, "file", "files")}` : "";
  const of = layer.of.slice(0, 12).join(", ") + (layer.of.length > 12 ? ", …" : "");
  const step = layer.step ? `${layer.step}\n` : "";
  return [
    el("h3", {}, `${owner}: ${bytes(layer.bytes)}${files}`),
    el("p", {}, `In ${plural(layer.of.length, "image", "images")}: ${of}`),
    el(
      "pre",
      { tabindex: "0", "aria-label": "Step" },
      `${step}${layer.created_by || "no step is recorded"}`,
    ),
    el("h3", {}, "Declared"),
    declared(layer.declared),
  ];
};
// Layers as rectangles; a chosen one tells of itself below.
const layerMap = () => {
  const items = mapped();
  const owners = [...new Set(items.map((item) => item.owner))];
  const hint = el("p", { class: "faint" }, "Choose a layer to see what it is made of.");
  const panel = el("div", { "aria-live": "polite" }, hint);
  const map = el("div", { class: "map", role: "group", "aria-label": "Layers by size, each once" });
  let pressed = null;
  const open = (button, item) => {
    if (pressed) pressed.setAttribute("aria-pressed", "false");
    pressed = button;
    button.setAttribute("aria-pressed", "true");
    panel.replaceChildren(...layerDetails(item));
  };
  const place = (item, x, y, w, h) => {
    const label = `${item.owner} ${bytes(item.value)}`;
    const button = el("button", {
      type: "button",
      "aria-pressed": "false",
      "aria-label": label,
      title: label,
      class: item.layer ? `c${owners.indexOf(item.owner) % 6}` : "",
    });
    if (w > 60 && h > 34)
      button.append(el("span", {}, item.owner), el("span", {}, bytes(item.value)));
    const at = { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px` };
    Object.assign(button.style, at);
    button.addEventListener("click", () => open(button, item));
    map.append(button);
  };
  const draw = () => {
    map.replaceChildren();
    squarified(items, 0, 0, map.clientWidth || 1000, map.clientHeight || 520, place);
  };
  // Its width is known when it is drawn.
  requestAnimationFrame(draw);
  return [map, panel];
};
const ofLedgers = (list) =>
  repositories.flatMap((one) => (one.sizes ? list(one.sizes).map((it) => [one, it]) : []));
const textColumn = (head, key, cell) => ({ head, key, cell: cell || key });
const numberColumn = (head, key, cell) => ({
  head,
  number: true,
  key,
  cell: (it) => cell(key(it)),
});
const costTable = () => {
  const costs = ofLedgers((ledger) => ledger.bases).map(([one, cost]) => ({
    ...cost,
    base: called(one, cost.base),
  }));
  if (!costs.length) return [];
  const columns = [
    textColumn("Base", (cost) => cost.base),
    numberColumn("Own layers", (cost) => cost.own, bytes),
    numberColumn("Images on it", (cost) => cost.dependents, number),
    numberColumn("Layers on top", (cost) => cost.on_top, bytes),
  ];
  return [el("h2", {}, "A new version of a base"), table(columns, costs)];
};
const allWaste = () => {
  const waste = new Map();
  const add = ({ kind, bytes: size, files, largest }) => {
    const known = waste.get(kind) || { kind, bytes: 0, files: 0, largest: [] };
    const both = [...known.largest, ...largest].sort((left, right) => right.bytes - left.bytes);
    const sums = { bytes: known.bytes + size, files: known.files + files };
    waste.set(kind, { kind, ...sums, largest: both.slice(0, 1) });
  };
  sized.forEach((ledger) => ledger.total.waste.forEach(add));
  return [...waste.values()].sort((left, right) => right.bytes - left.bytes);
};
const wasteTable = () => {
  const waste = allWaste();
  if (!waste.length) return [];
  const path = (one) => one.largest.map((file) => el("span", { class: "path" }, file.path));
  const columns = [
    textColumn("Why", (one) => one.kind),
    numberColumn("Size", (one) => one.bytes, bytes),
    numberColumn("Files", (one) => one.files, number),
    { head: "Largest", cell: path },
  ];
  return [el("h2", {}, "Waste"), table(columns, waste)];
};
const sizeTable = () => {
  const all = ofLedgers((ledger) => ledger.images).map(([one, image]) => ({
    ...image,
    name: called(one, image.name),
  }));
  const columns = [
    textColumn("Image", (image) => image.name),
    numberColumn("Size", (image) => image.bytes, bytes),
    numberColumn("Unique", (image) => image.unique, bytes),
    numberColumn("Shared", (image) => image.shared, bytes),
  ];
  return [el("h2", {}, "Images"), table(columns, all)];
};
const sizes = () => {
  const over = budgets();
  const isCompressed = sized.some((ledger) => ledger.counted === "compressed");
  return [
    ...(over.length ? [el("h2", {}, "Over budget"), budgetTable(over)] : []),
    el("h2", {}, `Layers by size, each once${isCompressed ? " (compressed)" : ""}`),
    ...layerMap(),
    ...costTable(),
    ...wasteTable(),
    ...sizeTable(),
  ];
};
