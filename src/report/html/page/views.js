const views = [
  ["Overview", overview],
  ["Bases", bases],
  ...(sized.length ? [["Sizes", sizes]] : []),
  ["Drift", drift],
  ["Packages", matrix],
  ["Services", services],
];
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
views.forEach(([name], at) =>
  tabs.append(
    el(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab${at}`,
        "aria-controls": "panel",
        onclick: () => select(at, false),
        onkeydown: (event) => {
          const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: views.length - 1 }[
            event.key
          ];
          if (to === undefined) return;
          event.preventDefault();
          select((to + views.length) % views.length, true);
        },
      },
      name,
    ),
  ),
);
document.addEventListener("keydown", (event) => {
  const field = document.querySelector("[data-filter]");
  if (event.key === "/" && field && !(event.target instanceof HTMLInputElement)) {
    event.preventDefault();
    field.focus();
  }
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
