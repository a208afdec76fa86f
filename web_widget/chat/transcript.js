/** What can be read out of a conversation: titles, the way back, the whole to save or to print. */

import { languages } from "../locales/languages.js";
import { make, phrase, render, tongue, words } from "./nodes.js";
import { wanted, worded } from "./reply.js";

/** @import { Line } from "./types.js" */

const STYLE = `
  body { font: 11pt/1.7 sans-serif; color: #000; margin: 0; overflow-wrap: anywhere }
  section { break-inside: avoid; border-top: 1px solid #666; padding: 2mm 0 }
  h1 { font-size: 14pt } h2 { font-size: 10pt; margin: 0 } p, ul { margin: 1mm 0 } p { white-space: pre-line }
`;

/** What a resident's line shows; a payload's title was offered earlier. @param {Line[]} lines @param {number} index */
export function titleOf(lines, index) {
  const { said, title, reply } = lines[index];
  if (title || !said?.startsWith("/")) return title ?? said ?? "";
  for (const line of lines.slice(0, index).reverse()) {
    const choice = line.reply?.choices.find(({ payload }) => payload === said);
    if (choice) return choice.title;
  }
  return languages[said.slice(6)] ?? reply?.answers[0]?.question ?? words.menuTitle; // `/lang/en`
}

/** The language of a line; a record may not tell. @param {Line} line @param {string} now of the conversation */
export function langOf({ lang, reply }, now) {
  return lang ?? (reply?.text ? tongue(reply.text, now) : (reply?.answers[0]?.lang ?? now));
}

/**
 * The payload of the place before the last one. Places without one (candidates, a fallback) are stepped over.
 * @param {Line[]} lines
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

/** @param {Line} line @returns {string} empty if no payload leads there */
function placeOf({ said, reply }) {
  if (said === null) return "/menu";
  if (/^\/(menu|topic|entry)/.test(said)) return said;
  if (reply?.answers.length === 1) return `/entry/${reply.answers[0].id}`;
  return said.startsWith("/lang") && !reply?.answers.length ? "/menu" : "";
}

/** @param {Line[]} lines */
function spoken(lines) {
  return lines.flatMap((line, index) => [
    ...(line.said === null ? [] : [{ speaker: words.you, text: titleOf(lines, index) }]),
    ...(line.reply ? [{ speaker: words.bot, text: plain(line) }] : []),
  ]);
}

/** @param {Line} line */
function plain({ reply, lang }) {
  if (!reply) return "";
  const entries = reply.answers.map((answer) => {
    const { question, text, links } = worded(answer, wanted(lang));
    return [question, text, ...links.map(({ label, url }) => `${label}\n${url}`)].join("\n\n");
  });
  const offered = entries.length ? "" : reply.choices.map(({ title }) => `- ${title}`).join("\n");
  return [reply.text, ...entries, reply.contact, offered].filter(Boolean).join("\n\n").replaceAll("**", "");
}

/** @param {Line[]} lines */
export function save(lines) {
  const text = [heading(), ...spoken(lines).map((line) => `${line.speaker}\n${line.text}`)];
  // The mark is for Windows programs that would guess Shift_JIS.
  const address = URL.createObjectURL(new Blob(["\ufeff", text.join("\n\n――――\n\n")], { type: "text/plain" }));
  const date = new Date().toLocaleDateString("sv"); // Sweden writes 2026-11-20
  make("a", { href: address, download: phrase("fileName", { date }) }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function heading() {
  const date = new Date().toLocaleString(words.lang, { dateStyle: "long", timeStyle: "short" });
  return `${words.title}\n${phrase("printed", { date })}`;
}

/** @param {Line[]} lines @param {ParentNode} root where a frame may stand for a moment */
export function print(lines, root) {
  const frame = make("iframe", { class: "paper", "aria-hidden": "true", tabindex: -1, title: words.print });
  root.append(frame);
  const page = frame.contentWindow;
  if (!page) return;
  page.document.documentElement.lang = words.lang;
  page.document.title = words.title;
  const sheet = new (/** @type {any} */ (page).CSSStyleSheet)(); // a sheet belongs to the window that made it
  sheet.replaceSync(STYLE);
  page.document.adoptedStyleSheets = [sheet];
  const [title, note] = heading().split("\n");
  const body = spoken(lines).map(({ speaker, text }) => make("section", {}, make("h2", {}, speaker), render(text)));
  page.document.body.append(make("h1", {}, title), make("p", {}, note), ...body);
  page.addEventListener("afterprint", () => frame.remove());
  page.print();
}
