// The one version that is meant; nothing where only a range of versions is asked for.
const exactly = ({ version, known }) => {
  if (known !== "declared") return version;
  return /^==[^*,]+$/.test(version) ? version.slice(2).trim() : null;
};
// 2.10 after 2.9.
const collator = new Intl.Collator("en", { numeric: true });
const distinct = (list) => new Set(list.filter(Boolean)).size;
// One package of all repositories, with the images of each of its versions.
const packages = (() => {
  const all = new Map();
  const add = (repository, one) => {
    const key = `${one.by} ${one.name}`;
    if (!all.has(key)) all.set(key, { ...one, asked: false, versions: new Map() });
    const found = all.get(key);
    found.asked = found.asked || one.asked !== false;
    one.versions.forEach(({ version, known = "declared", images: ranges }) => {
      const of = `${known} ${version}`;
      if (!found.versions.has(of)) found.versions.set(of, { version, known, list: [] });
      const entry = found.versions.get(of);
      entry.list = entry.list.concat(expand(ranges, repository.first));
    });
  };
  repositories.forEach((repository) => repository.packages.forEach((one) => add(repository, one)));
  return [...all.values()].map((one) => {
    const versions = [...one.versions.values()];
    versions.sort((left, right) => collator.compare(left.version, right.version));
    const ranges = versions.filter((entry) => exactly(entry) === null);
    return {
      ...one,
      versions,
      // Two versions that are known, or two ranges that are asked for.
      conflict: distinct(versions.map(exactly)) > 1 || distinct(ranges.map((it) => it.version)) > 1,
      count: versions.reduce((sum, entry) => sum + entry.list.length, 0),
    };
  });
})();
const versionsOf = (one) => [
  ...new Set(one.versions.map((entry) => exactly(entry) ?? (entry.version || "any"))),
];
const nameCell = (one) => el("span", { class: one.conflict ? "warn" : "" }, one.name);
const byCell = (one) => [
  one.by,
  one.asked ? null : el("span", { class: "faint" }, "\u00a0transitive"),
];
// A version as it is known; what is only asked for is set apart.
const versionText = (entry, conflict) =>
  entry.known === "declared"
    ? el("i", { class: conflict ? "warn" : "faint" }, entry.version || "any")
    : el("span", { class: conflict ? "warn" : "" }, entry.version);
// The first images by name, and the rest when it is asked for.
const imageNames = (list) => {
  const text = (some) => some.map((at) => shown(images[at])).join(", ");
  if (list.length <= 6) return text(list);
  const more = `${text(list.slice(0, 6))} and ${number(list.length - 6)} more`;
  const rest = el("details", {}, el("summary", {}, more));
  rest.addEventListener("toggle", () => {
    if (rest.childElementCount === 1)
      rest.append(text(list.slice(0, 500)) + (list.length > 500 ? ", …" : ""));
  });
  return rest;
};
// Of many images: the versions of each package with their images.
const folded = () => [
  { head: "Images", number: true, key: (one) => one.count, cell: (one) => number(one.count) },
  {
    head: "Versions",
    cell: (one) =>
      one.versions.map((entry) =>
        el("div", {}, versionText(entry, one.conflict), " in ", imageNames(entry.list)),
      ),
  },
];
// Of few images: a column for each.
const unfolded = () =>
  images.map((image) => ({
    head: el("span", { class: "upright" }, shown(image)),
    cell: (one) => {
      const entry = one.versions.find(({ list }) => list.includes(image.index));
      return entry ? el("span", { class: "version" }, versionText(entry, one.conflict)) : "";
    },
  }));
const COLUMNS = 40;
const matrix = () => {
  const rows = [...packages].sort(
    (left, right) => right.conflict - left.conflict || (left.name < right.name ? -1 : 1),
  );
  const columns = [
    { head: "Package", key: (one) => one.name, cell: nameCell },
    { head: "By", key: (one) => one.by, cell: byCell },
    ...(images.length > COLUMNS ? folded() : unfolded()),
  ];
  const words = (one) =>
    [
      one.name,
      one.by,
      one.conflict ? "conflict" : "",
      one.asked ? "" : "transitive",
      ...one.versions.map((entry) => `${entry.version} ${entry.known}`),
    ].join(" ");
  return [
    el("h2", {}, "Packages and images"),
    el(
      "p",
      { class: "faint" },
      "Packages that images have in several versions come first. Versions are those that are ",
      "installed or locked; what is only declared is in italics, and its transitive packages ",
      "are not known.",
    ),
    ...filtered("Filter packages", rows, words, (kept) => table(columns, kept)),
  ];
};
