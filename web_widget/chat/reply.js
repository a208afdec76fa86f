/** Shows one reply of the server: its text, its answers with links and rating, the telephone where a person should help. */

import { render } from "./markup.js";
import { fill, icon, make, unseen } from "./nodes.js";

/** @import { Answer, Choice, Link, Reply, Words } from "./types.js" */

const MAX_REASON = 500; // as the server takes it
let forms = 0; // several may be open at once; their ids have to differ
const NUMBER = /(0\d{1,4}-\d{1,4}-\d{3,4})/;

/**
 * @param {Reply} reply
 * @param {Words} words
 * @param {(entry: string) => Node | undefined} rating
 */
export function replyItem(reply, words, rating) {
  /** @param {string} label @param {string} url */
  const link = (label, url) => anchor({ label, url }, words);
  const n = reply.choices.length;
  return make(
    "li",
    { class: "bot" },
    unseen(words.bot),
    reply.text && make("div", { class: "bubble" }, render(reply.text, link)),
    ...reply.answers.map((answer) => answerCard(answer, words, link, rating)),
    reply.contact && contactCard(reply.contact, words),
    n > 0 && unseen(fill(words.choiceCount, { n })),
  );
}

/**
 * @param {Answer} answer
 * @param {Words} words
 * @param {(label: string, url: string) => Node} link
 * @param {(entry: string) => Node | undefined} rating
 */
function answerCard(answer, words, link, rating) {
  const links = answer.links.map((to) => make("li", {}, anchor(to, words, true)));
  return make(
    "div",
    { class: "bubble answer" },
    make("h3", {}, answer.question),
    make("div", {}, render(answer.text, link)),
    links.length > 0 && make("ul", { class: "links" }, ...links),
    rating(answer.id),
  );
}

/**
 * A link that says, by more than its icon, that it leaves the site; the conversation stays where it is.
 * @param {Link} link
 * @param {Words} words
 * @param {boolean} [withHost] also shows where it leads
 */
function anchor({ label, url }, words, withHost = false) {
  const { host, href, protocol } = new URL(url, location.href);
  if (!/^https?:$/.test(protocol)) return document.createTextNode(label);
  if (host === location.host) return make("a", { href }, label);
  const note = `${words.leaves}${words.newTab}`;
  return make(
    "a",
    { href, target: "_blank", rel: "noopener" },
    make("span", { class: "label" }, label),
    icon("leave"),
    withHost ? make("span", { class: "host" }, `${host}（${words.newTab}）`) : unseen(`（${note}）`),
  );
}

/**
 * The buttons below the last reply. They stand outside the log: a log that reads eleven topics aloud is in the way.
 * @param {Reply} reply
 * @param {Words} words
 * @param {(choice: Choice) => void} choose
 */
export function choiceList(reply, words, choose) {
  if (!reply.choices.length) return [];
  const items = reply.choices.map((choice) => make("li", {}, choiceButton(choice, choose)));
  const related = reply.kind === "answer" && reply.choices.some(({ payload }) => payload !== "/menu");
  const heading = make("h3", { id: "choices-title", class: related ? "" : "unseen" });
  heading.append(related ? words.related : words.choices);
  return [heading, make("ul", { "aria-labelledby": "choices-title" }, ...items)];
}

/**
 * @param {Choice} choice
 * @param {(choice: Choice) => void} choose
 */
function choiceButton(choice, choose) {
  const away = /^\/(menu|none)/.test(choice.payload);
  return make(
    "button",
    { type: "button", class: away ? "choice away" : "choice", onclick: () => choose(choice) },
    away && icon(choice.payload === "/menu" ? "list" : "close"),
    make("span", {}, choice.title),
    !away && icon("next"),
  );
}

/**
 * The telephone: its line with the hours, whether it is answered now, and a button that calls.
 * @param {string} contact the server's sentence, number and hours in it
 * @param {Words} words
 * @param {boolean} [open] whether it is answered now; unknown without
 */
export function contactCard(contact, words, open) {
  const number = NUMBER.exec(contact)?.[0];
  const state = open === undefined ? undefined : make("span", { class: open ? "state open" : "state" }, open ? words.phoneOpen : words.phoneClosed);
  // One sentence a line: name and hours, the state, when it opens next.
  const lines = (contact.match(/[^。]+。?/g) ?? []).map((sentence) => make("p", {}, ...unbroken(sentence)));
  return make(
    "div",
    { class: "contact" },
    make("p", { class: "heading" }, icon("phone"), make("strong", {}, words.phoneHeading), state),
    ...lines,
    number && make("a", { class: "call", href: `tel:${number.replaceAll("-", "")}` }, icon("phone"), fill(words.call, { number })),
  );
}

/** A telephone number is read as one piece. @param {string} sentence */
function unbroken(sentence) {
  return sentence.split(NUMBER).map((part, index) => (index % 2 ? make("span", { class: "number" }, part) : part));
}

/**
 * 「役に立ちましたか」 below an answer. A "no" may be explained; if it is not, it counts all the same.
 * @param {Words} words
 * @param {boolean} done it was rated before the page was reloaded
 * @param {(helpful: boolean, reason: string) => void} send
 */
export function ratingBox(words, done, send) {
  const box = make("div", { class: "rating", role: "group", "aria-label": words.helpful });
  const thank = () => box.replaceChildren(make("p", { class: "thanks", tabindex: -1 }, icon("done"), words.rated));
  /** @param {Node[]} content */
  const show = (...content) => {
    box.replaceChildren(...content);
    /** @type {HTMLElement | null} */ (box.querySelector("textarea, [tabindex]"))?.focus();
  };
  /** @param {boolean} helpful @param {string} reason */
  const finish = (helpful, reason) => {
    send(helpful, reason);
    thank();
    show(...box.childNodes);
  };
  if (done) thank();
  else show(...question(words, () => finish(true, ""), () => show(...reasonForm(words, (reason) => finish(false, reason)))));
  return box;
}

/**
 * @param {Words} words
 * @param {() => void} yes
 * @param {() => void} no
 */
function question(words, yes, no) {
  return [
    make("p", {}, words.helpful),
    make("button", { type: "button", onclick: yes }, words.yes),
    make("button", { type: "button", onclick: no }, words.no),
  ];
}

/**
 * Leaving the page without a word about the reason still gives the rating, once.
 * @param {Words} words
 * @param {(reason: string) => void} finish
 */
function reasonForm(words, finish) {
  const id = `reason-${(forms += 1)}`;
  const field = make("textarea", { id, rows: 2, maxlength: MAX_REASON });
  const leave = () => done("");
  /** @param {string} reason */
  const done = (reason) => {
    removeEventListener("pagehide", leave);
    finish(reason);
  };
  addEventListener("pagehide", leave);
  return [
    make("label", { for: id }, words.reason),
    field,
    make("p", { class: "hint" }, words.privacy),
    make("button", { type: "button", onclick: () => done(field.value.trim()) }, words.reasonSend),
    make("button", { type: "button", class: "quiet", onclick: leave }, words.reasonSkip),
  ];
}
