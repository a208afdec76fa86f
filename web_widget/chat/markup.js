/** The Markdown subset of design.md 4.2 as nodes: paragraphs, `- ` lists, **bold**, [label](https://…); and telephone numbers. */

import { make, present } from "./nodes.js";

const INLINE = /\*\*(.+?)\*\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)|(0\d{1,4}-\d{1,4}-\d{3,4})/g;

/**
 * @param {string} text
 * @param {(label: string, url: string) => Node} [link] how a link is made; without it only its label is shown
 * @returns {DocumentFragment}
 */
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

/**
 * @param {HTMLElement[]} made
 * @param {"ul" | "p"} tag
 */
function grow(made, tag) {
  const element = make(tag);
  made.push(element);
  return element;
}

/**
 * @param {string} text
 * @param {(label: string, url: string) => Node} link
 * @returns {(Node | string)[]}
 */
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
