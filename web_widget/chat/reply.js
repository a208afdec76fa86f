/** One reply of the server: its text, its answers with links and rating, the telephone. */

import { keep, recall } from "./memory.js";
import { icon, labelled, make, render, said, tongue, unseen } from "./nodes.js";

/** @import { Answer, Choice, Reply } from "./types.js" */

const MAX_REASON = 500; // as the server takes it
let forms = 0;
const NUMBER = /(0\d{1,4}-\d{1,4}-\d{3,4})/;

/** @param {Reply} reply @param {string} lang of the conversation @param {(entry: string) => Node} rating */
export function replyItem(reply, lang, rating) {
  const n = reply.choices.length;
  return make(
    "li",
    { class: "bot" },
    unseen("bot"),
    reply.text && make("div", { class: "bubble", lang: tongue(reply.text, lang) }, render(reply.text, anchor)),
    ...reply.answers.map((answer) => answerCard(answer, wanted(lang), rating)),
    reply.contact && contactCard(reply.contact, lang),
    n > 0 && unseen("choiceCount", { "data-n": n }),
  );
}

/** @param {Answer} answer @param {boolean} plain @param {(entry: string) => Node} rating */
function answerCard(answer, plain, rating) {
  const body = make("div", { lang: answer.lang });
  /** @param {boolean} easy */
  const show = (easy) => {
    const { question, text, links } = worded(answer, easy);
    const list = make("ul", { class: "links" }, ...links.map(({ label, url }) => make("li", {}, anchor(label, url, true))));
    body.replaceChildren(make("h3", {}, question), make("div", {}, render(text, anchor)), ...(links.length ? [list] : []));
  };
  show(plain);
  return make("div", { class: "bubble answer" }, answer.easy && toggle(plain, show), body, rating(answer.id));
}

/** Plain Japanese first, for want of a translation. @param {string} lang */
export function wanted(lang) {
  return recall().easy ?? lang !== "ja";
}

/** @param {Answer} answer @param {boolean} plain @returns {Answer} */
export function worded(answer, plain) {
  const { easy } = answer;
  return plain && easy ? { ...answer, ...easy, links: easy.links.length ? easy.links : answer.links } : answer;
}

/** Their words are Japanese in every language, as the answer is. @param {boolean} plain @param {(plain: boolean) => void} show */
function toggle(plain, show) {
  /** @param {string} label @param {boolean} value */
  const button = (label, value) => {
    const onclick = () => {
      keep({ easy: value });
      for (const other of buttons) other.ariaPressed = String(other === made);
      show(value);
    };
    const made = make("button", { type: "button", "aria-pressed": String(value === plain), onclick }, label);
    return made;
  };
  const buttons = [button("もとの文", false), button("やさしい日本語", true)];
  return make("div", { class: "easy", lang: "ja" }, ...buttons);
}

/**
 * A link that says, by more than its icon, that it leaves the site; the conversation stays where it is.
 * @param {string} label
 * @param {string} url
 * @param {boolean} [withHost]
 */
function anchor(label, url, withHost = false) {
  const { host, href, protocol } = new URL(url, location.href);
  if (!/^https?:$/.test(protocol)) return document.createTextNode(label);
  if (host === location.host) return make("a", { href }, label);
  const note = { "data-aside": true };
  return make(
    "a",
    { href, target: "_blank", rel: "noopener" },
    make("span", { class: "label" }, label),
    icon("leave"),
    withHost ? make("span", { class: "host" }, host, said("span", "newTab", note)) : unseen("leaves newTab", note),
  );
}

/** The buttons below the last reply. @param {Reply} reply @param {string} lang @param {(choice: Choice) => void} choose */
export function choiceList(reply, lang, choose) {
  if (!reply.choices.length) return [];
  const items = reply.choices.map((choice) => make("li", { lang: tongue(choice.title, lang) }, choiceButton(choice, choose)));
  const related = reply.kind === "answer" && reply.choices.some(({ payload }) => payload !== "/menu");
  const heading = said("h3", related ? "related" : "choices", { id: "choices-title", class: related ? "" : "unseen" });
  return [heading, make("ul", { "aria-labelledby": "choices-title" }, ...items)];
}

/** @param {Choice} choice @param {(choice: Choice) => void} choose */
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
 * @param {string} contact
 * @param {string} lang
 * @param {boolean} [open]
 */
export function contactCard(contact, lang, open) {
  const number = NUMBER.exec(contact)?.[0];
  const state = open === undefined ? undefined : said("span", open ? "phoneOpen" : "phoneClosed", { class: open ? "state open" : "state" });
  // One sentence a line: name and hours, the state, when it opens next. The full stop of "a.m. to" ends none.
  const sentences = contact.replace(/。|\.\s+(?=[\p{Lu}\p{Lo}])/gu, "$&\n").trim().split("\n");
  return make(
    "div",
    { class: "contact" },
    make("p", { class: "heading" }, icon("phone"), said("strong", "phoneHeading"), state),
    ...sentences.map((sentence) => make("p", { lang: tongue(sentence, lang) }, ...unbroken(sentence.trim()))),
    number && make("a", { class: "call", href: `tel:${number.replaceAll("-", "")}` }, icon("phone"), said("span", "call", { "data-number": number })),
  );
}

/** A telephone number is read as one piece. @param {string} sentence */
function unbroken(sentence) {
  return sentence.split(NUMBER).map((part, index) => (index % 2 ? make("span", { class: "number" }, part) : part));
}

/**
 * 「役に立ちましたか」 below an answer. A "no" may be explained; if it is not, it counts all the same.
 * @param {boolean} done
 * @param {(helpful: boolean, reason: string) => void} send
 */
export function ratingBox(done, send) {
  const box = labelled("div", "helpful", { class: "rating", role: "group" });
  const thank = () => box.replaceChildren(make("p", { class: "thanks", tabindex: -1 }, icon("done"), said("span", "rated")));
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
  const yes = button("yes", () => finish(true, ""));
  const no = button("no", () => show(...reasonForm((reason) => finish(false, reason))));
  if (done) thank();
  else show(said("p", "helpful"), yes, no);
  return box;
}

/** @param {string} name @param {() => void} onclick @param {string} [look] */
function button(name, onclick, look = "") {
  const made = said("button", name, { type: "button", class: look });
  made.addEventListener("click", onclick);
  return made;
}

/** Leaving the page without a word about the reason still gives the rating, once. @param {(reason: string) => void} finish */
function reasonForm(finish) {
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
    said("label", "reason", { for: id }),
    field,
    said("p", "privacy", { class: "hint" }),
    button("reasonSend", () => done(field.value.trim())),
    button("reasonSkip", leave, "quiet"),
  ];
}
