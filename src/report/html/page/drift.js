const drift = () => {
  const drifts = repositories.flatMap((one) =>
    one.drifts.map((found) => ({ ...found, repository: one.name })),
  );
  const changes = repositories.flatMap((one) =>
    one.changes.map((found) => ({ ...found, repository: one.name })),
  );
  const found = repositories.flatMap((one) =>
    one.diagnostics.map((each) => ({ ...each, repository: one.name })),
  );
  if (!drifts.length && !found.length)
    return [
      el("h2", {}, "Drift"),
      el("p", { class: "good" }, "All generated files are as declared."),
    ];
  const declarations = counts(drifts, (one) =>
    many ? `${one.repository} / ${one.declared}` : one.declared,
  );
  const drawn = [
    ...(declarations.length > 1
      ? [el("h2", {}, "By declaration"), counted("Declared in", declarations)]
      : []),
    el("h2", {}, "Files that differ"),
    ...filtered(
      "Filter",
      drifts,
      (one) => `${one.path} ${one.kind} ${one.declared} ${one.repository}`,
      (kept) =>
        table(
          [
            ...(many
              ? [
                  {
                    head: "Repository",
                    key: (one) => one.repository,
                    cell: (one) => one.repository,
                  },
                ]
              : []),
            {
              head: "File",
              key: (one) => one.path,
              cell: (one) => el("span", { class: "path" }, one.path),
            },
            { head: "What", key: (one) => one.kind, cell: (one) => one.kind },
            {
              head: "Declared in",
              key: (one) => one.declared,
              cell: (one) => el("span", { class: "path" }, one.declared),
            },
          ],
          kept,
        ),
    ),
  ];
  if (changes.length)
    drawn.push(
      el("h2", {}, plural(changes.length, "change", "changes")),
      ...changes.slice(0, 60).map((change, at) =>
        el(
          "details",
          at < 3 ? { open: "" } : {},
          el(
            "summary",
            {},
            el("span", { class: "path" }, change.places[0]),
            change.places.length > 1 ? ` and ${number(change.places.length - 1)} more` : "",
          ),
          el(
            "pre",
            { tabindex: "0", "aria-label": "Change" },
            change.removed.map((line) => el("div", { class: "del" }, `- ${line}`)),
            change.added.map((line) => el("div", { class: "add" }, `+ ${line}`)),
          ),
          change.behind.map((line) => el("div", { class: "faint" }, line)),
        ),
      ),
    );
  if (found.length)
    drawn.push(
      el("h2", {}, "Findings"),
      table(
        [
          {
            head: "Level",
            key: (one) => one.severity,
            cell: (one) =>
              el("span", { class: one.severity === "error" ? "bad" : "warn" }, one.severity),
          },
          { head: "Code", key: (one) => one.code, cell: (one) => one.code },
          {
            head: "Place",
            key: (one) => one.place,
            cell: (one) => el("span", { class: "path" }, one.place),
          },
          { head: "Message", cell: (one) => one.message },
        ],
        found,
      ),
    );
  return drawn;
};
