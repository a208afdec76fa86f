/**
 * Builds DOM nodes. Text only ever becomes text nodes, so that nothing from outside can become markup. What was `said`
 * in the words of a locale is said again when the language changes.
 */

/** @import { Words } from "./types.js" */
/** @typedef {Node | string | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | ((event: any) => void) | undefined>} Attributes */

/**
 * `onclick` and the like are listeners; `true` is an empty attribute; `false` and `undefined` leave it away.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
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

/** Puts values into the `{places}` of a sentence. @param {string} sentence @param {Record<string, string | number>} values */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** @type {Words} */
export let words;

/** @param {Words} chosen @param {ParentNode} root whatever was said inside it */
export function speak(chosen, root) {
  words = chosen;
  /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-word], [data-label]")).forEach(utter);
}

/**
 * An element with a word of the locale as its text. `data-…` fill its places; `data-aside` puts it in brackets.
 * @type {(tag: keyof HTMLElementTagNameMap, name: string, attributes?: Attributes) => HTMLElement}
 */
export const said = (tag, name, attributes) => utter(make(tag, { "data-word": name, ...attributes }));

/** @param {string} name */
export function unseen(name, values = {}) {
  return said("span", name, { class: "unseen", ...values });
}

/**
 * An element with a word of the locale as its name.
 * @type {(tag: keyof HTMLElementTagNameMap, name: string, attributes: Attributes, ...children: Child[]) => HTMLElement}
 */
export const labelled = (tag, name, attributes, ...children) => utter(make(tag, { "data-label": name, ...attributes }, ...children));

/** @param {HTMLElement} element */
function utter(element) {
  const { word, label, aside } = element.dataset;
  if (label) element.ariaLabel = phrase(label);
  if (!word) return element;
  const text = phrase(word, element.dataset);
  element.lang = words.lang;
  element.textContent = aside === undefined ? text : dense() ? `（${text}）` : ` (${text})`;
  return element;
}

/** Sentences of the locale as one text. @param {string} names @param {Record<string, any>} [values] */
export function phrase(names, values = {}) {
  return join(names.split(" ").map((name) => fill(/** @type {any} */ (words)[name] ?? "", values)));
}

/** @param {string[]} sentences */
export function join(sentences) {
  return sentences.map((sentence) => sentence.trim()).join(dense() ? "" : " ");
}

/** Between sentences is no space, brackets are wide. */
function dense() {
  return /^(ja|zh)/.test(words.lang);
}

/** The language of a text, if its script tells; Japanese names in brackets don't count. @param {string} text @param {string} lang */
export function tongue(text, lang) {
  const plain = text.replace(/[（(].*?[）)]/g, "");
  if (/[ぁ-ヺ]/.test(plain)) return "ja";
  if (/[가-힣]/.test(plain)) return "ko";
  if (/[一-鿿]/.test(plain)) return /^(ja|zh)/.test(lang) ? lang : "zh";
  return /[a-z]/i.test(plain) && /^(ja|zh|ko)/.test(lang) ? "en" : lang;
}

// -- the Markdown subset of design.md 4.2: paragraphs, `- ` lists, **bold**, [label](https://…); and telephone numbers --

const INLINE = /\*\*(.+?)\*\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)|(0\d{1,4}-\d{1,4}-\d{3,4})/g;

/** @param {string} text @param {(label: string, url: string) => Node} [link] how a link is made */
export function render(text, link = (label) => document.createTextNode(label)) {
  const fragment = document.createDocumentFragment();
  for (const block of text.trim().split(/\n\s*\n/)) fragment.append(...blocks(block.split("\n"), link));
  return fragment;
}

/**
 * A block may go from sentences to a list and back without an empty line between.
 * @param {string[]} lines
 * @param {(label: string, url: string) => Node} link
 */
function blocks(lines, link) {
  /** @type {HTMLElement[]} */
  const made = [];
  for (const line of lines) {
    const item = /^\s*[-*] +(.*)$/.exec(line);
    const last = made.at(-1);
    const goesOn = last?.localName === (item ? "ul" : "p");
    if (item) (goesOn && last ? last : grow(made, "ul")).append(make("li", {}, ...inline(item[1], link)));
    else if (goesOn && last) last.append("\n", ...inline(line, link));
    else grow(made, "p").append(...inline(line, link));
  }
  return made;
}

/** @param {HTMLElement[]} made @param {"ul" | "p"} tag */
function grow(made, tag) {
  const element = make(tag);
  made.push(element);
  return element;
}

/** @param {string} text @param {(label: string, url: string) => Node} link @returns {(Node | string)[]} */
function inline(text, link) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [all, bold, label, url, phone] = match;
    parts.push(text.slice(end, match.index));
    if (bold) parts.push(make("strong", {}, bold));
    else if (phone) parts.push(make("a", { class: "number", href: `tel:${phone.replaceAll("-", "")}` }, phone));
    else parts.push(link(label, url));
    end = match.index + all.length;
  }
  return present([...parts, text.slice(end)]);
}

// -- drawings --

const SVG = "http://www.w3.org/2000/svg";

/** On a 24 × 24 grid. They never carry meaning alone. */
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
  globe: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 1 0 0-17ZM3.5 12h17M12 3.5c-5 5-5 12 0 17 5-5 5-12 0-17Z",
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
