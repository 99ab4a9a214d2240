"use strict";
// Every text from the data becomes a text node or an attribute's value, never markup.
const el = (tag, properties, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null) made.setAttribute(name, value);
  }
  for (const child of children.flat())
    if (child !== null && child !== undefined) made.append(child);
  return made;
};
const data = JSON.parse(document.getElementById("data").textContent);
const repositories = data.repositories;
const many = repositories.length > 1;
const main = document.getElementById("main");
const number = (value) => value.toLocaleString("en-US");
const plural = (count, one, several) => `${number(count)} ${count === 1 ? one : several}`;
const bytes = (value) => {
  for (const [unit, size] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ]) {
    if (value >= size) return `${(Math.floor((value / size) * 10) / 10).toFixed(1)} ${unit}`;
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
images.forEach((image) => {
  if (image.parent !== null) images[image.parent].on.push(image.index);
});
const shown = (image) =>
  many ? `${repositories[image.repository].name} / ${image.name}` : image.name;
const expand = (ranges, first) => {
  const all = [];
  for (const [from, to] of ranges) for (let at = from; at <= to; at += 1) all.push(first + at);
  return all;
};

const sized = repositories.map((one) => one.sizes).filter(Boolean);
