const below = (index) => {
  const found = [],
    ahead = [...images[index].on];
  while (ahead.length) {
    const next = ahead.shift();
    found.push(images[next]);
    ahead.push(...images[next].on);
  }
  return found;
};
const bases = () => {
  const panel = el(
    "div",
    { "aria-live": "polite" },
    el("p", { class: "faint" }, "Choose an image to see what is built again when it changes."),
  );
  let pressed = null;
  const choose = (button, title, dependents) => {
    if (pressed) pressed.setAttribute("aria-pressed", "false");
    pressed = button;
    button.setAttribute("aria-pressed", "true");
    panel.replaceChildren(
      el("h3", {}, title),
      el("p", {}, `${plural(dependents.length, "image is", "images are")} built again.`),
      table(
        [
          { head: "Image", key: (image) => image.name, cell: (image) => shown(image) },
          {
            head: "Steps that run again",
            cell: (image) =>
              repositories[image.repository].steps[image.steps].map((step) =>
                el("span", { class: "tag" }, step),
              ),
          },
        ],
        dependents,
      ),
    );
  };
  const node = (image) => {
    const button = el(
      "button",
      { type: "button", "aria-pressed": "false", "data-name": image.name },
      image.version ? `${image.name} ${image.version}` : image.name,
    );
    const all = below(image.index);
    button.addEventListener("click", () => choose(button, shown(image), all));
    const item = el(
      "li",
      {},
      button,
      all.length
        ? el("span", { class: "faint" }, ` ${plural(all.length, "image", "images")} on it`)
        : null,
    );
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
      const fold = el(
        "details",
        {
          ontoggle: () => {
            if (!rest.childElementCount)
              rest.append(
                ...leaves.slice(0, PAGE).map(node),
                ...(leaves.length > PAGE
                  ? [
                      el(
                        "li",
                        { class: "faint" },
                        `… ${number(leaves.length - PAGE)} more; the view Services lists all`,
                      ),
                    ]
                  : []),
              );
          },
        },
        el("summary", {}, plural(leaves.length, "service", "services")),
        rest,
      );
      items.push(el("li", {}, fold));
    } else items.push(...leaves.map(node));
    return el("ul", {}, items);
  };
  const roots = new Map();
  images
    .filter((image) => image.parent === null)
    .forEach((image) => {
      if (!roots.has(image.from)) roots.set(image.from, []);
      roots.get(image.from).push(image);
    });
  const tree = el(
    "div",
    { class: "tree" },
    el(
      "ul",
      {},
      [...roots].map(([from, list]) => {
        const all = list.flatMap((image) => [image, ...below(image.index)]);
        const button = el("button", { type: "button", "aria-pressed": "false" }, from);
        button.addEventListener("click", () => choose(button, from, all));
        return el(
          "li",
          {},
          button,
          el(
            "span",
            { class: "faint" },
            ` external, ${plural(all.length, "image", "images")} on it`,
          ),
          branch(list),
        );
      }),
    ),
  );
  // `#bases/base-ml` opens with that one chosen.
  const linked = location.hash.split("/")[1];
  const named = [...tree.querySelectorAll("[data-name]")].find(
    (button) => encodeURIComponent(button.dataset.name) === linked,
  );
  if (linked && named) named.click();
  return [el("h2", {}, "What builds on what"), el("div", { class: "split" }, tree, panel)];
};
