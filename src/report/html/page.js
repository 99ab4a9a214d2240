"use strict";
(() => {
  // Every text from the data becomes a text node or an attribute's value, never markup.
  const el = (tag, properties, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
      if (name === "class") made.className = value;
      else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== undefined && value !== null) made.setAttribute(name, value);
    }
    for (const child of children.flat()) if (child !== null && child !== undefined) made.append(child);
    return made;
  };
  const data = JSON.parse(document.getElementById("data").textContent);
  const repositories = data.repositories;
  const many = repositories.length > 1;
  const main = document.getElementById("main");
  const number = (value) => value.toLocaleString("en-US");
  const plural = (count, one, several) => `${number(count)} ${count === 1 ? one : several}`;
  const bytes = (value) => {
    for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
      if (value >= size) return `${(Math.floor(value / size * 10) / 10).toFixed(1)} ${unit}`;
    }
    return `${value} B`;
  };

  // All images of all repositories as one list; what refers to an image by number is shifted.
  const images = [];
  repositories.forEach((repository, at) => {
    repository.first = images.length;
    repository.images.forEach((image) => images.push({ ...image, repository: at, on: [] }));
    for (let index = repository.first; index < images.length; index += 1) {
      const image = images[index];
      image.index = index;
      image.parent = image.base === null ? null : repository.first + image.base;
    }
  });
  images.forEach((image) => { if (image.parent !== null) images[image.parent].on.push(image.index); });
  const shown = (image) => many ? `${repositories[image.repository].name} / ${image.name}` : image.name;
  const expand = (ranges, first) => {
    const all = [];
    for (const [from, to] of ranges) for (let at = from; at <= to; at += 1) all.push(first + at);
    return all;
  };

  const PAGE = 200;
  // A table that draws the first rows, and more when asked.
  const table = (columns, rows) => {
    const body = el("tbody");
    let drawn = 0, sorted = rows, by = -1, down = false;
    const more = el("button", { type: "button", onclick: () => draw() }, "Show more");
    const draw = () => {
      const next = sorted.slice(drawn, drawn + PAGE);
      next.forEach((row) => body.append(el("tr", {}, columns.map((column) =>
        el("td", { class: column.number ? "number" : "" }, column.cell(row))))));
      drawn += next.length;
      more.hidden = drawn >= sorted.length;
      more.textContent = `Show more (${number(sorted.length - drawn)} left)`;
    };
    const redraw = () => { body.replaceChildren(); drawn = 0; draw(); };
    const heads = columns.map((column, at) => {
      const head = el("th", { scope: "col", class: column.number ? "number" : "" });
      if (!column.key) { head.append(column.head); return head; }
      head.append(el("button", { type: "button", onclick: () => {
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
      } }, column.head));
      return head;
    });
    draw();
    return el("div", {}, el("div", { class: "scroll" },
      el("table", {}, el("thead", {}, el("tr", {}, heads)), body)), more);
  };
  // A field that filters what a function draws.
  const filtered = (label, rows, text, draw) => {
    const place = el("div");
    const count = el("span", { class: "faint", role: "status" });
    const words = rows.map((row) => text(row).toLowerCase());
    const field = el("input", { type: "search", "data-filter": "" , oninput: () => update() });
    const update = () => {
      const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kept = rows.filter((_, at) => wanted.every((word) => words[at].includes(word)));
      count.textContent = `${number(kept.length)} of ${number(rows.length)}`;
      place.replaceChildren(draw(kept));
    };
    update();
    return [el("div", { class: "bar" }, el("label", {}, `${label} `, field), count), place];
  };
  const card = (value, label, tone) => el("div", { class: "card" }, el("b", { class: tone || "" }, value), label);

  // The largest of a list as bars.
  const SHOWN = 8;
  const bars = (list, text) => {
    const largest = [...list].sort((left, right) => right.value - left.value).slice(0, SHOWN);
    return el("ul", { class: "bars" }, largest.map((one) => {
      const bar = el("span", { class: "fill" });
      bar.style.width = `${largest[0].value ? Math.max(1, one.value / largest[0].value * 100) : 0}%`;
      return el("li", {}, el("span", { class: "name" }, one.name), el("span", { class: "track", "aria-hidden": "true" }, bar), el("span", { class: "number" }, text(one.value)));
    }), list.length > SHOWN ? el("li", { class: "faint" }, `… ${number(list.length - SHOWN)} more`) : null);
  };
  const counts = (list, of) => {
    const found = new Map();
    list.forEach((one) => found.set(of(one), (found.get(of(one)) || 0) + 1));
    return [...found].map(([name, value]) => ({ name, value }));
  };
  const counted = (head, list) => table([
    { head, key: (one) => one.name, cell: (one) => el("span", { class: "path" }, one.name) },
    { head: "Files", number: true, key: (one) => one.value, cell: (one) => number(one.value) },
  ], [...list].sort((left, right) => right.value - left.value));
  const part = (title, ...children) => el("section", { class: "part" }, el("h2", {}, title), ...children);
  const budgets = () => sized.flatMap((ledger) => (ledger.budgets || []).filter((one) => one.is_over));
  const budgetTable = (over) => table([
    { head: "Image", key: (one) => one.image || "", cell: (one) => one.image || "the fleet, every layer once" },
    { head: "Size", number: true, key: (one) => one.bytes, cell: (one) => el("span", { class: "bad" }, bytes(one.bytes)) },
    { head: "Budget", number: true, key: (one) => one.budget, cell: (one) => bytes(one.budget) },
    { head: "Because of", cell: (one) => one.causes.slice(0, 3).map((cause) => el("div", {}, `${cause.grew ? "+" : ""}${bytes(cause.bytes)} ${cause.what}`)) },
    { head: "Declared", cell: (one) => one.declared ? el("span", { class: "path" }, one.declared.place) : "" },
  ], over);
  const called = (repository, name) => many ? `${repository.name} / ${name}` : name;
  const imageSizes = () => repositories.flatMap((one) => one.sizes ? one.sizes.images.map((image) => ({ name: called(one, image.name), value: image.bytes })) : []);
  const parts = () => {
    const drifts = repositories.flatMap((one) => one.drifts.map((found) => ({ ...found, declared: called(one, found.declared) })));
    const conflicts = packages.filter((one) => one.conflict);
    const bases = images.filter((image) => image.on.length).map((image) => ({ name: shown(image), value: below(image.index).length }));
    const over = budgets();
    return el("div", { class: "parts" },
      over.length ? part("Over budget", budgetTable(over)) : null,
      sized.length ? part("Largest images", bars(imageSizes(), bytes)) : null,
      bases.length ? part("Images built again with a base", bars(bases, number)) : null,
      drifts.length ? part("Files that differ", counted("Declared in", counts(drifts, (one) => one.declared))) : null,
      conflicts.length ? part("Packages in several versions", table([
        { head: "Package", key: (one) => one.name, cell: (one) => one.name },
        { head: "Versions", cell: (one) => [...one.versions.keys()].slice(0, 6).map((version) => version || "any").join(", ") + (one.versions.size > 6 ? ", …" : "") },
      ], conflicts.slice(0, 20))) : null);
  };

  const overview = () => {
    const sum = (of) => repositories.reduce((all, repository) => all + of(repository), 0);
    const services = images.filter((image) => !image.version).length;
    const differing = sum((one) => one.drifts.length);
    const errors = sum((one) => one.diagnostics.filter((found) => found.severity === "error").length);
    const conflicts = packages.filter((one) => one.conflict).length;
    const cards = [
      card(number(images.length - services), "base images"), card(number(services), "services"),
      card(number(differing), `of ${number(sum((one) => one.files))} generated files differ`, differing ? "bad" : "good"),
      card(number(errors), "errors", errors ? "bad" : "good"),
      card(number(conflicts), "packages in several versions", conflicts ? "warn" : "good"),
    ];
    if (sized.length) {
      cards.push(card(bytes(sized.reduce((all, one) => all + one.total.bytes, 0)), "all images"));
      cards.push(card(bytes(sized.reduce((all, one) => all + one.total.stored_once, 0)), "stored once"));
    }
    const over = budgets().length;
    if (sized.some((ledger) => (ledger.budgets || []).length)) cards.push(card(number(over), "over budget", over ? "bad" : "good"));
    const drawn = [el("div", { class: "cards" }, cards), parts()];
    if (many) drawn.push(el("h2", {}, "Repositories"), table([
      { head: "Repository", key: (one) => one.name, cell: (one) => one.name },
      { head: "Images", number: true, key: (one) => one.images.length, cell: (one) => number(one.images.length) },
      { head: "Files that differ", number: true, key: (one) => one.drifts.length, cell: (one) => number(one.drifts.length) },
    ], repositories));
    return drawn;
  };

  const below = (index) => {
    const found = [], ahead = [...images[index].on];
    while (ahead.length) { const next = ahead.shift(); found.push(images[next]); ahead.push(...images[next].on); }
    return found;
  };
  const bases = () => {
    const panel = el("div", { "aria-live": "polite" }, el("p", { class: "faint" }, "Choose an image to see what is built again when it changes."));
    let pressed = null;
    const choose = (button, title, dependents) => {
      if (pressed) pressed.setAttribute("aria-pressed", "false");
      pressed = button;
      button.setAttribute("aria-pressed", "true");
      panel.replaceChildren(el("h3", {}, title), el("p", {}, `${plural(dependents.length, "image is", "images are")} built again.`), table([
        { head: "Image", key: (image) => image.name, cell: (image) => shown(image) },
        { head: "Steps that run again", cell: (image) => repositories[image.repository].steps[image.steps].map((step) => el("span", { class: "tag" }, step)) },
      ], dependents));
    };
    const node = (image) => {
      const button = el("button", { type: "button", "aria-pressed": "false", "data-name": image.name }, image.version ? `${image.name} ${image.version}` : image.name);
      const all = below(image.index);
      button.addEventListener("click", () => choose(button, shown(image), all));
      const item = el("li", {}, button, all.length ? el("span", { class: "faint" }, ` ${plural(all.length, "image", "images")} on it`) : null);
      if (image.on.length) item.append(branch(image.on.map((at) => images[at])));
      return item;
    };
    // Bases are shown; services on one folded away where they are many.
    const branch = (list) => {
      const inner = list.filter((image) => image.on.length || image.version);
      const leaves = list.filter((image) => !image.on.length && !image.version);
      const items = inner.map(node);
      if (leaves.length > 12) {
        const rest = el("ul");
        const fold = el("details", { ontoggle: () => { if (!rest.childElementCount) rest.append(...leaves.slice(0, PAGE).map(node), ...(leaves.length > PAGE ? [el("li", { class: "faint" }, `… ${number(leaves.length - PAGE)} more; the view Services lists all`)] : [])); } },
          el("summary", {}, plural(leaves.length, "service", "services")), rest);
        items.push(el("li", {}, fold));
      } else items.push(...leaves.map(node));
      return el("ul", {}, items);
    };
    const roots = new Map();
    images.filter((image) => image.parent === null).forEach((image) => {
      if (!roots.has(image.from)) roots.set(image.from, []);
      roots.get(image.from).push(image);
    });
    const tree = el("div", { class: "tree" }, el("ul", {}, [...roots].map(([from, list]) => {
      const all = list.flatMap((image) => [image, ...below(image.index)]);
      const button = el("button", { type: "button", "aria-pressed": "false" }, from);
      button.addEventListener("click", () => choose(button, from, all));
      return el("li", {}, button, el("span", { class: "faint" }, ` external, ${plural(all.length, "image", "images")} on it`), branch(list));
    })));
    // `#bases/base-ml` opens with that one chosen.
    const linked = location.hash.split("/")[1];
    const named = [...tree.querySelectorAll("[data-name]")].find((button) => encodeURIComponent(button.dataset.name) === linked);
    if (linked && named) named.click();
    return [el("h2", {}, "What builds on what"), el("div", { class: "split" }, tree, panel)];
  };

  const sized = repositories.map((one) => one.sizes).filter(Boolean);
  // Squarified rectangles (Bruls, Huizing, van Wijk): nearly square, the largest first.
  const squarified = (items, x, y, width, height, place) => {
    const total = items.reduce((all, item) => all + item.value, 0);
    let rest = items.slice(), area = width * height;
    const scale = total ? area / total : 0;
    while (rest.length) {
      const side = Math.min(width, height);
      let row = [], sum = 0, worst = Infinity;
      while (rest.length) {
        const next = rest[0].value * scale;
        const grown = sum + next;
        const sizes = [...row.map((item) => item.value * scale), next];
        const ratio = Math.max(...sizes.map((size) => Math.max(side * side * size / (grown * grown), grown * grown / (side * side * size))));
        if (row.length && ratio > worst) break;
        worst = ratio; sum = grown; row.push(rest.shift());
      }
      const depth = side ? sum / side : 0;
      let at = 0;
      row.forEach((item) => {
        const length = depth ? item.value * scale / depth : 0;
        if (width >= height) place(item, x, y + at, depth, length); else place(item, x + at, y, length, depth);
        at += length;
      });
      if (width >= height) { x += depth; width -= depth; } else { y += depth; height -= depth; }
    }
  };
  const declared = (list) => list.length ? el("ul", {}, list.slice(0, 20).map((one) => el("li", {}, el("span", { class: "path" }, `${one.place} ${one.field}`), one.value ? ` ${one.value}` : ""))) : el("p", { class: "faint" }, "Nothing of services.yaml.");
  const sizes = () => {
    const layers = new Map();
    sized.forEach((ledger) => ledger.images.forEach((image) => image.layers.forEach((layer) => {
      const known = layers.get(layer.diff_id);
      if (!known) layers.set(layer.diff_id, { ...layer, of: [image.name] });
      else { known.of.push(image.name); if (!known.image && layer.image) { known.image = layer.image; known.step = layer.step; known.declared = layer.declared; } }
    })));
    let items = [...layers.values()].filter((layer) => layer.bytes > 0).map((layer) => ({ value: layer.bytes, layer, owner: layer.image || "external images" }));
    items.sort((left, right) => right.value - left.value);
    const LIMIT = 300;
    if (items.length > LIMIT) {
      const rest = items.slice(LIMIT);
      items = items.slice(0, LIMIT);
      items.push({ value: rest.reduce((all, item) => all + item.value, 0), owner: `${number(rest.length)} smaller layers`, layer: null });
    }
    const owners = [...new Set(items.map((item) => item.owner))];
    const panel = el("div", { "aria-live": "polite" }, el("p", { class: "faint" }, "Choose a layer to see what it is made of."));
    const map = el("div", { class: "map", role: "group", "aria-label": "Layers by size, each once" });
    let pressed = null;
    const open = (button, item) => {
      if (pressed) pressed.setAttribute("aria-pressed", "false");
      pressed = button;
      button.setAttribute("aria-pressed", "true");
      if (!item.layer) { panel.replaceChildren(el("h3", {}, `${item.owner}, ${bytes(item.value)}`)); return; }
      const { layer } = item;
      panel.replaceChildren(el("h3", {}, `${item.owner}: ${bytes(layer.bytes)} in ${plural(layer.files, "file", "files")}`),
        el("p", {}, `In ${plural(layer.of.length, "image", "images")}: ${layer.of.slice(0, 12).join(", ")}${layer.of.length > 12 ? ", …" : ""}`),
        el("pre", { tabindex: "0", "aria-label": "Step" }, `${layer.step ? layer.step + "\n" : ""}${layer.created_by || "no step is recorded"}`),
        el("h3", {}, "Declared"), declared(layer.declared));
    };
    const draw = () => {
      const width = map.clientWidth || 1000, height = map.clientHeight || 520;
      map.replaceChildren();
      squarified(items, 0, 0, width, height, (item, x, y, w, h) => {
        const label = `${item.owner} ${bytes(item.value)}`;
        const button = el("button", { type: "button", "aria-pressed": "false", "aria-label": label, title: label, class: `c${owners.indexOf(item.owner) % 6}` });
        if (w > 60 && h > 34) button.append(el("span", {}, item.owner), el("span", {}, bytes(item.value)));
        Object.assign(button.style, { left: `${x}px`, top: `${y}px`, width: `${w}px`, height: `${h}px` });
        button.addEventListener("click", () => open(button, item));
        map.append(button);
      });
    };
    requestAnimationFrame(draw);
    const all = repositories.flatMap((one) => one.sizes ? one.sizes.images.map((image) => ({ ...image, name: called(one, image.name) })) : []);
    const costs = repositories.flatMap((one) => one.sizes ? one.sizes.bases.map((cost) => ({ ...cost, base: called(one, cost.base) })) : []);
    const waste = new Map();
    sized.forEach((ledger) => ledger.total.waste.forEach((one) => {
      const known = waste.get(one.kind) || { kind: one.kind, bytes: 0, files: 0, largest: null };
      const largest = [known.largest, ...one.largest].filter(Boolean).sort((left, right) => right.bytes - left.bytes)[0];
      waste.set(one.kind, { kind: one.kind, bytes: known.bytes + one.bytes, files: known.files + one.files, largest });
    }));
    const over = budgets();
    return [...(over.length ? [el("h2", {}, "Over budget"), budgetTable(over)] : []),
      el("h2", {}, `Layers by size, each once${sized.some((ledger) => ledger.counted === "compressed") ? " (compressed)" : ""}`), map, panel,
      ...(costs.length ? [el("h2", {}, "A new version of a base"), table([
        { head: "Base", key: (one) => one.base, cell: (one) => one.base },
        { head: "Own layers", number: true, key: (one) => one.own, cell: (one) => bytes(one.own) },
        { head: "Images on it", number: true, key: (one) => one.dependents, cell: (one) => number(one.dependents) },
        { head: "Layers on top", number: true, key: (one) => one.on_top, cell: (one) => bytes(one.on_top) },
      ], costs)] : []),
      ...(waste.size ? [el("h2", {}, "Waste"), table([
        { head: "Why", key: (one) => one.kind, cell: (one) => one.kind },
        { head: "Size", number: true, key: (one) => one.bytes, cell: (one) => bytes(one.bytes) },
        { head: "Files", number: true, key: (one) => one.files, cell: (one) => number(one.files) },
        { head: "Largest", cell: (one) => one.largest ? el("span", { class: "path" }, one.largest.path) : "" },
      ], [...waste.values()].sort((left, right) => right.bytes - left.bytes))] : []),
      el("h2", {}, "Images"), table([
      { head: "Image", key: (one) => one.name, cell: (one) => one.name },
      { head: "Size", number: true, key: (one) => one.bytes, cell: (one) => bytes(one.bytes) },
      { head: "Unique", number: true, key: (one) => one.unique, cell: (one) => bytes(one.unique) },
      { head: "Shared", number: true, key: (one) => one.shared, cell: (one) => bytes(one.shared) },
    ], all)];
  };

  const drift = () => {
    const drifts = repositories.flatMap((one) => one.drifts.map((found) => ({ ...found, repository: one.name })));
    const changes = repositories.flatMap((one) => one.changes.map((found) => ({ ...found, repository: one.name })));
    const found = repositories.flatMap((one) => one.diagnostics.map((each) => ({ ...each, repository: one.name })));
    if (!drifts.length && !found.length) return [el("h2", {}, "Drift"), el("p", { class: "good" }, "All generated files are as declared.")];
    const declarations = counts(drifts, (one) => many ? `${one.repository} / ${one.declared}` : one.declared);
    const drawn = [...(declarations.length > 1 ? [el("h2", {}, "By declaration"), counted("Declared in", declarations)] : []), el("h2", {}, "Files that differ"), ...filtered("Filter", drifts, (one) => `${one.path} ${one.kind} ${one.declared} ${one.repository}`, (kept) => table([
      ...(many ? [{ head: "Repository", key: (one) => one.repository, cell: (one) => one.repository }] : []),
      { head: "File", key: (one) => one.path, cell: (one) => el("span", { class: "path" }, one.path) },
      { head: "What", key: (one) => one.kind, cell: (one) => one.kind },
      { head: "Declared in", key: (one) => one.declared, cell: (one) => el("span", { class: "path" }, one.declared) },
    ], kept))];
    if (changes.length) drawn.push(el("h2", {}, plural(changes.length, "change", "changes")), ...changes.slice(0, 60).map((change, at) => el("details", at < 3 ? { open: "" } : {},
      el("summary", {}, el("span", { class: "path" }, change.places[0]), change.places.length > 1 ? ` and ${number(change.places.length - 1)} more` : ""),
      el("pre", { tabindex: "0", "aria-label": "Change" }, change.removed.map((line) => el("div", { class: "del" }, `- ${line}`)), change.added.map((line) => el("div", { class: "add" }, `+ ${line}`))),
      change.behind.map((line) => el("div", { class: "faint" }, line)))));
    if (found.length) drawn.push(el("h2", {}, "Findings"), table([
      { head: "Level", key: (one) => one.severity, cell: (one) => el("span", { class: one.severity === "error" ? "bad" : "warn" }, one.severity) },
      { head: "Code", key: (one) => one.code, cell: (one) => one.code },
      { head: "Place", key: (one) => one.place, cell: (one) => el("span", { class: "path" }, one.place) },
      { head: "Message", cell: (one) => one.message },
    ], found));
    return drawn;
  };

  // One package of all repositories, with the images of each of its versions.
  const packages = (() => {
    const all = new Map();
    repositories.forEach((repository) => repository.packages.forEach((one) => {
      const key = `${one.by} ${one.name}`;
      if (!all.has(key)) all.set(key, { by: one.by, name: one.name, versions: new Map() });
      const { versions } = all.get(key);
      one.versions.forEach(({ version, images: ranges }) => {
        const list = versions.get(version) || [];
        versions.set(version, list.concat(expand(ranges, repository.first)));
      });
    }));
    return [...all.values()].map((one) => ({ ...one, conflict: one.versions.size > 1, count: [...one.versions.values()].reduce((sum, list) => sum + list.length, 0) }));
  })();
  const matrix = () => {
    const rows = [...packages].sort((left, right) => (right.conflict - left.conflict) || (left.name < right.name ? -1 : 1));
    const COLUMNS = 40;
    const wide = images.length > COLUMNS;
    const names = (list) => {
      const text = list.slice(0, 6).map((at) => shown(images[at])).join(", ");
      if (list.length <= 6) return text;
      const rest = el("details", {}, el("summary", {}, `${text} and ${number(list.length - 6)} more`));
      rest.addEventListener("toggle", () => { if (rest.childElementCount === 1) rest.append(list.slice(0, 500).map((at) => shown(images[at])).join(", ") + (list.length > 500 ? ", …" : "")); });
      return rest;
    };
    const columns = [
      { head: "Package", key: (one) => one.name, cell: (one) => el("span", { class: one.conflict ? "warn" : "" }, one.name) },
      { head: "By", key: (one) => one.by, cell: (one) => one.by },
    ];
    if (wide) columns.push(
      { head: "Images", number: true, key: (one) => one.count, cell: (one) => number(one.count) },
      { head: "Versions", cell: (one) => [...one.versions].map(([version, list]) => el("div", {}, el("b", {}, version || "any"), " in ", names(list))) });
    else images.forEach((image) => columns.push({ head: shown(image), cell: (one) => {
      for (const [version, list] of one.versions) if (list.includes(image.index)) return version || "✓";
      return "";
    } }));
    return [el("h2", {}, "Packages and images"), el("p", { class: "faint" }, "Packages that images have in several versions come first. ✓ means any version."),
      ...filtered("Filter packages", rows, (one) => `${one.name} ${one.by} ${one.conflict ? "conflict" : ""} ${[...one.versions.keys()].join(" ")}`, (kept) => table(columns, kept))];
  };

  const services = () => {
    const sizeOf = new Map(repositories.flatMap((one, at) => one.sizes ? one.sizes.images.map((image) => [`${at} ${image.name}`, image.bytes]) : []));
    const size = (image) => sizeOf.get(`${image.repository} ${image.name}`) || 0;
    const on = (image) => image.parent === null ? image.from : images[image.parent].name;
    return [el("h2", {}, "Images"), ...filtered("Filter", images, (image) => `${shown(image)} ${image.kind} ${image.template} ${on(image)} ${image.port || ""} ${image.declared}`, (kept) => table([
      ...(many ? [{ head: "Repository", key: (image) => repositories[image.repository].name, cell: (image) => repositories[image.repository].name }] : []),
      { head: "Name", key: (image) => image.name, cell: (image) => image.name },
      { head: "Kind", key: (image) => image.kind, cell: (image) => image.kind },
      { head: "Template", key: (image) => image.template, cell: (image) => image.template },
      { head: "Base", key: on, cell: on },
      { head: "Port", number: true, key: (image) => image.port || 0, cell: (image) => image.port === null ? "" : String(image.port) },
      ...(sized.length ? [{ head: "Size", number: true, key: size, cell: (image) => size(image) ? bytes(size(image)) : "" }] : []),
      { head: "Declared", key: (image) => image.declared, cell: (image) => el("span", { class: "path" }, image.declared) },
    ], kept))];
  };

  const views = [["Overview", overview], ["Bases", bases], ...(sized.length ? [["Sizes", sizes]] : []), ["Drift", drift], ["Packages", matrix], ["Services", services]];
  const tabs = document.getElementById("tabs");
  const select = (at, focus) => {
    [...tabs.children].forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(index === at));
      tab.tabIndex = index === at ? 0 : -1;
    });
    if (focus) tabs.children[at].focus();
    const panel = el("section", { role: "tabpanel", id: "panel", "aria-labelledby": `tab${at}` });
    main.replaceChildren(panel);
    panel.append(...views[at][1]());
    const name = `#${views[at][0].toLowerCase()}`;
    if (location.hash.split("/")[0] !== name) location.replace(name);
  };
  views.forEach(([name], at) => tabs.append(el("button", { type: "button", role: "tab", id: `tab${at}`, "aria-controls": "panel", onclick: () => select(at, false), onkeydown: (event) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: views.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    select((to + views.length) % views.length, true);
  } }, name)));
  document.addEventListener("keydown", (event) => {
    const field = document.querySelector("[data-filter]");
    if (event.key === "/" && field && !(event.target instanceof HTMLInputElement)) { event.preventDefault(); field.focus(); }
  });
  const theme = document.getElementById("theme");
  const paint = (dark) => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    theme.setAttribute("aria-pressed", String(dark));
  };
  paint(matchMedia("(prefers-color-scheme: dark)").matches);
  theme.addEventListener("click", () => paint(theme.getAttribute("aria-pressed") !== "true"));
  const named = views.findIndex(([name]) => `#${name.toLowerCase()}` === location.hash.split("/")[0]);
  select(Math.max(named, 0), false);
})();
