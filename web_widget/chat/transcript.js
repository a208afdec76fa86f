/** What can be read out of a conversation's lines: titles, the way back, and the whole to save or to print. */

import { render } from "./markup.js";
import { fill, make } from "./nodes.js";

/** @import { Line, Reply, Words } from "./types.js" */

const STYLE = `
  body { font: 11pt/1.7 sans-serif; color: #000; margin: 0; overflow-wrap: anywhere }
  section { break-inside: avoid; border-top: 1px solid #666; padding: 2mm 0 }
  h1 { font-size: 14pt } h2 { font-size: 10pt; margin: 0 } p, ul { margin: 1mm 0 } p { white-space: pre-line }
`;

/**
 * What a resident's line shows. The record keeps payloads; their titles were offered in an earlier line.
 * @param {Line[]} lines
 * @param {number} index
 * @param {Words} words
 */
export function titleOf(lines, index, words) {
  const { said, title, reply } = lines[index];
  if (title || !said?.startsWith("/")) return title ?? said ?? "";
  for (const line of lines.slice(0, index).reverse()) {
    const choice = line.reply?.choices.find(({ payload }) => payload === said);
    if (choice) return choice.title;
  }
  return reply?.answers[0]?.question ?? words.menuTitle;
}

/**
 * The payload of the place before the last one: topics, a topic, an entry. Places that a payload can't lead to again
 * (candidates for free text, a fallback) are stepped over.
 * @param {Line[]} lines
 * @returns {string | undefined}
 */
export function placeBefore(lines) {
  /** @type {string[]} */
  const places = [];
  for (const line of lines) {
    if (line.said === null && places.length) continue; // a rating goes nowhere
    const place = placeOf(line);
    const known = place ? places.indexOf(place) : -1;
    if (known >= 0) places.length = known + 1;
    else places.push(place);
  }
  return places.slice(0, -1).reverse().find(Boolean);
}

/**
 * @param {Line} line
 * @returns {string} empty if no payload leads there
 */
function placeOf({ said, reply }) {
  if (said === null) return "/menu";
  if (/^\/(menu|topic|entry)/.test(said)) return said;
  return reply?.answers.length === 1 ? `/entry/${reply.answers[0].id}` : "";
}

/**
 * @param {Line[]} lines
 * @param {Words} words
 * @returns {{speaker: string, text: string}[]}
 */
function spoken(lines, words) {
  return lines.flatMap((line, index) => [
    ...(line.said === null ? [] : [{ speaker: words.you, text: titleOf(lines, index, words) }]),
    ...(line.reply ? [{ speaker: words.bot, text: plain(line.reply) }] : []),
  ]);
}

/**
 * @param {Reply} reply
 */
function plain({ text, answers, choices, contact }) {
  const entries = answers.map((answer) =>
    [answer.question, answer.text, ...answer.links.map(({ label, url }) => `${label}\n${url}`)].join("\n\n"),
  );
  const offered = answers.length ? "" : choices.map(({ title }) => `- ${title}`).join("\n");
  return [text, ...entries, contact, offered].filter(Boolean).join("\n\n").replaceAll("**", "");
}

/**
 * @param {Line[]} lines
 * @param {Words} words
 * @param {string} lang
 */
export function save(lines, words, lang) {
  const text = [heading(words, lang), ...spoken(lines, words).map((line) => `${line.speaker}\n${line.text}`)];
  // The mark at the beginning is for Windows programs that would guess Shift_JIS.
  const address = URL.createObjectURL(new Blob(["\ufeff", text.join("\n\n――――\n\n")], { type: "text/plain" }));
  const date = new Date().toLocaleDateString("sv"); // Sweden writes 2026-11-20
  make("a", { href: address, download: fill(words.fileName, { date }) }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/**
 * @param {Words} words
 * @param {string} lang
 */
function heading(words, lang) {
  const date = new Date().toLocaleString(lang, { dateStyle: "long", timeStyle: "short" });
  return `${words.title}\n${fill(words.printed, { date })}`;
}

/**
 * Prints in a frame of its own: printing the host page would print the host page.
 * @param {Line[]} lines
 * @param {Words} words
 * @param {string} lang
 * @param {ParentNode} root where the frame may stand for a moment
 */
export function print(lines, words, lang, root) {
  const frame = make("iframe", { class: "paper", "aria-hidden": "true", tabindex: -1, title: words.print });
  root.append(frame);
  const page = frame.contentWindow;
  if (!page) return;
  page.document.documentElement.lang = lang;
  page.document.title = words.title;
  const sheet = new (/** @type {any} */ (page).CSSStyleSheet)(); // a sheet belongs to the window that made it
  sheet.replaceSync(STYLE);
  page.document.adoptedStyleSheets = [sheet];
  const [title, note] = heading(words, lang).split("\n");
  const body = spoken(lines, words).map(({ speaker, text }) => make("section", {}, make("h2", {}, speaker), render(text)));
  page.document.body.append(make("h1", {}, title), make("p", {}, note), ...body);
  page.addEventListener("afterprint", () => frame.remove());
  page.print();
}
