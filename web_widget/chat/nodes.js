/** Builds DOM nodes. Text only ever becomes text nodes, so that nothing from outside can become markup. */

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * `onclick` and the like are listeners; `true` is an empty attribute; `false` and `undefined` leave it away.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | ((event: any) => void) | undefined>} [attributes]
 * @param {Child[]} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...present(children));
  return element;
}

/** @param {Child[]} children */
export function present(children) {
  return /** @type {(Node | string)[]} */ (children.filter((child) => child));
}

/** @param {string} text for screen readers alone */
export function unseen(text) {
  return make("span", { class: "unseen" }, text);
}

/**
 * Puts values into the `{places}` of a sentence.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

const SVG = "http://www.w3.org/2000/svg";

/** Small line drawings of our own on a 24 × 24 grid. They never carry meaning alone. */
const PATHS = {
  close: "M5 5 19 19M19 5 5 19",
  back: "M10 6 4 12l6 6M4 12h16",
  restart: "M5 12a7 7 0 1 0 2.2-5.1M7.5 3v4.2h4.2",
  phone: "M6 3.5h3l1.7 4.4-2.2 1.7a12 12 0 0 0 5.9 5.9l1.7-2.2 4.4 1.7v3c0 1.4-1 2.5-2.4 2.4C10.5 19.9 4.1 13.5 3.6 5.9 3.5 4.5 4.6 3.5 6 3.5Z",
  menu: "M4 6.5h16M4 12h16M4 17.5h16",
  send: "M12 20V5M5.5 11.5 12 5l6.5 6.5",
  leave: "M13.5 4.5h6v6M19.5 4.5 11 13M17 14v4.5a1 1 0 0 1-1 1H5.5a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1H10",
  list: "M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4 6.5h.1M4 12h.1M4 17.5h.1",
  next: "m9 5.5 6.5 6.5L9 18.5",
  warn: "M12 3.5 22 20.5H2ZM12 10v5M12 17.6v.2",
  done: "m5 12.5 4.5 4.5L19 7.5",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7Z",
  save: "M12 4v11M7 10.5l5 5 5-5M4.5 20h15",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.5 15.5 20.5 20.5",
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  return svg;
}
