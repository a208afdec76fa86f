/** Where a resident types: the field, its suggestions, the count of characters, the button to send. */

import { COMBOBOX, Field, Suggestions, isSendKey } from "./field.js";
import { icon, make, phrase, said, words } from "./nodes.js";

/** @import { Choice, Desk } from "./types.js" */

const WARN = 100; // characters left
const SHORT = 300; // ms
const LONG = 8000; // ms

export class Composer {
  limit = 500;

  /** @param {Status} status @param {Desk} desk */
  constructor(status, desk) {
    this.status = status;
    this.desk = desk;
    const attributes = { id: "question", enterkeyhint: "send", "aria-describedby": "privacy" };
    this.field = new Field(attributes, COMBOBOX);
    this.suggestions = new Suggestions(this.field, desk.suggest, (choice) => this.#pick(choice), (n) =>
      status.tell(n ? phrase("suggestionCount", { n }) : ""),
    );
    this.count = make("p", { class: "count" });
    this.element = make(
      "form",
      { novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#submit(event) },
      this.suggestions.list,
      said("label", "question", { for: "question", class: "unseen" }),
      make("div", { class: "line" }, this.field.frame, make("button", { class: "send" }, icon("send"), said("span", "send"))),
      make("div", { class: "below" }, said("p", "privacy", { id: "privacy", class: "hint" }), this.count),
    );
    this.field.frame.addEventListener("input", () => this.#changed());
    this.field.frame.addEventListener("keydown", (event) => {
      if (isSendKey(event)) this.#submit(event);
    });
  }

  get text() {
    return this.field.text;
  }

  set text(text) {
    this.field.text = text;
    this.#changed();
  }

  speak() {
    this.field.line.placeholder = this.field.page.placeholder = words.placeholder;
    this.#changed();
  }

  #changed() {
    const over = length(this.text) - this.limit;
    this.desk.draft(this.text);
    this.count.textContent = over > 0 ? phrase("tooMany", { n: over }) : over >= -WARN ? phrase("remaining", { n: -over }) : "";
    this.count.classList.toggle("over", over > 0);
    this.#complain(over > 0 ? phrase("tooLong", { limit: this.limit }) : "");
  }

  /** @param {string} problem empty if there is none */
  #complain(problem) {
    const { element } = this.field;
    element.setAttribute("aria-invalid", String(Boolean(problem)));
    element.setAttribute("aria-describedby", problem ? "problem privacy" : "privacy");
    this.status.complain(problem);
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    if (this.field.composing) return;
    const text = this.text.trim();
    const over = length(this.text) - this.limit;
    if (!text || over > 0) {
      this.#complain(text ? phrase("tooLong tooMany", { limit: this.limit, n: over }) : words.empty);
      this.field.focus();
      return;
    }
    this.suggestions.close();
    this.text = "";
    this.desk.send(text);
  }

  /** @param {Choice} choice */
  #pick(choice) {
    this.text = "";
    this.desk.pick(choice);
  }
}

/** Characters as the server counts them: an emoji is one, not two. @param {string} text */
function length(text) {
  return [...text].length;
}

/** The line above the field: waiting, what is wrong with a text or with the connection. Apart from the log. */
export class Status {
  /** @type {number[]} */
  #timers = [];

  constructor() {
    this.line = make("p", { class: "now", role: "status" });
    this.problem = make("p", { class: "now wrong", id: "problem", role: "status" });
    this.quiet = make("p", { class: "unseen", role: "status" });
    this.element = make("div", { class: "status" }, this.line, this.problem, this.quiet);
  }

  /** @param {boolean} busy */
  wait(busy) {
    this.#timers.forEach(clearTimeout);
    if (!busy && this.line.classList.contains("wrong")) return;
    this.line.replaceChildren();
    this.line.classList.remove("wrong");
    if (!busy) return;
    /** @param {string} text @param {number} after */
    const say = (text, after) => window.setTimeout(() => this.line.replaceChildren(text, make("span", { class: "dots" })), after);
    this.#timers = [say(words.waiting, SHORT), say(words.stillWaiting, LONG)];
  }

  /** @param {string} text */
  trouble(text) {
    this.#timers.forEach(clearTimeout);
    this.line.classList.add("wrong");
    this.line.replaceChildren(icon("warn"), text);
  }

  /** @param {string} text about what was typed */
  complain(text) {
    if (this.problem.textContent === text) return;
    this.problem.replaceChildren(...(text ? [icon("warn"), text] : []));
  }

  /** @param {string} text for screen readers alone */
  tell(text) {
    this.quiet.textContent = text;
  }
}
