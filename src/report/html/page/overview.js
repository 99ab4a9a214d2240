const budgets = () =>
  sized.flatMap((ledger) => (ledger.budgets || []).filter((one) => one.is_over));
const budgetTable = (over) =>
  table(
    [
      {
        head: "Image",
        key: (one) => one.image || "",
        cell: (one) => one.image || "the fleet, every layer once",
      },
      {
        head: "Size",
        number: true,
        key: (one) => one.bytes,
        cell: (one) => el("span", { class: "bad" }, bytes(one.bytes)),
      },
      {
        head: "Budget",
        number: true,
        key: (one) => one.budget,
        cell: (one) => bytes(one.budget),
      },
      {
        head: "Because of",
        cell: (one) =>
          one.causes
            .slice(0, 3)
            .map((cause) =>
              el("div", {}, `${cause.grew ? "+" : ""}${bytes(cause.bytes)} ${cause.what}`),
            ),
      },
      {
        head: "Declared",
        cell: (one) => (one.declared ? el("span", { class: "path" }, one.declared.place) : ""),
      },
    ],
    over,
  );
const called = (repository, name) => (many ? `${repository.name} / ${name}` : name);
const imageSizes = () =>
  repositories.flatMap((one) =>
    one.sizes
      ? one.sizes.images.map((image) => ({ name: called(one, image.name), value: image.bytes }))
      : [],
  );
const parts = () => {
  const drifts = repositories.flatMap((one) =>
    one.drifts.map((found) => ({ ...found, declared: called(one, found.declared) })),
  );
  const conflicts = packages.filter((one) => one.conflict);
  const bases = images
    .filter((image) => image.on.length)
    .map((image) => ({ name: shown(image), value: below(image.index).length }));
  const over = budgets();
  return el(
    "div",
    { class: "parts" },
    over.length ? part("Over budget", budgetTable(over)) : null,
    sized.length ? part("Largest images", bars(imageSizes(), bytes)) : null,
    bases.length ? part("Images built again with a base", bars(bases, number)) : null,
    drifts.length
      ? part(
          "Files that differ",
          counted(
            "Declared in",
            counts(drifts, (one) => one.declared),
          ),
        )
      : null,
    conflicts.length
      ? part(
          "Packages in several versions",
          table(
            [
              { head: "Package", key: (one) => one.name, cell: (one) => one.name },
              {
                head: "Versions",
                cell: (one) => {
                  const found = versionsOf(one);
                  return found.slice(0, 6).join(", ") + (found.length > 6 ? ", …" : "");
                },
              },
            ],
            conflicts.slice(0, 20),
          ),
        )
      : null,
  );
};

const overview = () => {
  const sum = (of) => repositories.reduce((all, repository) => all + of(repository), 0);
  const services = images.filter((image) => !image.version).length;
  const differing = sum((one) => one.drifts.length);
  const errors = sum((one) => one.diagnostics.filter((found) => found.severity === "error").length);
  const conflicts = packages.filter((one) => one.conflict).length;
  const cards = [
    card(number(images.length - services), "base images"),
    card(number(services), "services"),
    card(
      number(differing),
      `of ${number(sum((one) => one.files))} generated files differ`,
      differing ? "bad" : "good",
    ),
    card(number(errors), "errors", errors ? "bad" : "good"),
    card(number(conflicts), "packages in several versions", conflicts ? "warn" : "good"),
  ];
  if (sized.length) {
    cards.push(card(bytes(sized.reduce((all, one) => all + one.total.bytes, 0)), "all images"));
    cards.push(
      card(bytes(sized.reduce((all, one) => all + one.total.stored_once, 0)), "stored once"),
    );
  }
  const over = budgets().length;
  if (sized.some((ledger) => (ledger.budgets || []).length))
    cards.push(card(number(over), "over budget", over ? "bad" : "good"));
  const drawn = [el("div", { class: "cards" }, cards), parts()];
  if (many)
    drawn.push(
      el("h2", {}, "Repositories"),
      table(
        [
          { head: "Repository", key: (one) => one.name, cell: (one) => one.name },
          {
            head: "Images",
            number: true,
            key: (one) => one.images.length,
            cell: (one) => number(one.images.length),
          },
          {
            head: "Files that differ",
            number: true,
            key: (one) => one.drifts.length,
            cell: (one) => number(one.drifts.length),
          },
        ],
        repositories,
      ),
    );
  return drawn;
};
