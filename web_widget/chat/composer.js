/** Where a resident types: the field, its suggestions, the count of characters, the button to send. */

import { Field, isSendKey } from "./field.js";
import { fill, icon, make } from "./nodes.js";
import { COMBOBOX, Suggestions } from "./suggestions.js";

/** @import { Choice, Desk, Words } from "./types.js" */
/** @import { Status } from "./status.js" */

const WARN = 100; // characters left, from which on they are counted aloud

export class Composer {
  limit = 500;

  /**
   * @param {Words} words
   * @param {Status} status
   * @param {Desk} desk
   */
  constructor(words, status, desk) {
    this.words = words;
    this.status = status;
    this.desk = desk;
    const attributes = { id: "question", placeholder: words.placeholder, enterkeyhint: "send", "aria-describedby": "privacy" };
    this.field = new Field(attributes, COMBOBOX);
    this.suggestions = new Suggestions(this.field, words.suggestions, desk.suggest, (choice) => this.#pick(choice), (n) =>
      status.tell(n ? fill(words.suggestionCount, { n }) : ""),
    );
    this.count = make("p", { class: "count" });
    this.element = make(
      "form",
      { novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#submit(event) },
      this.suggestions.list,
      make("label", { for: "question", class: "unseen" }, words.question),
      make("div", { class: "line" }, this.field.frame, make("button", { class: "send" }, icon("send"), words.send)),
      make("div", { class: "below" }, make("p", { id: "privacy", class: "hint" }, words.privacy), this.count),
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

  #changed() {
    const over = length(this.text) - this.limit;
    this.desk.draft(this.text);
    this.count.textContent = over > 0 ? fill(this.words.tooMany, { n: over }) : over >= -WARN ? fill(this.words.remaining, { n: -over }) : "";
    this.count.classList.toggle("over", over > 0);
    this.#complain(over > 0 ? fill(this.words.tooLong, { limit: this.limit }) : "");
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
    if (this.field.composing) return; // a press on the button while composing: the text isn't finished
    const text = this.text.trim();
    const over = length(this.text) - this.limit;
    if (!text || over > 0) {
      const { empty, tooLong, tooMany } = this.words;
      this.#complain(text ? fill(`${tooLong}${tooMany}`, { limit: this.limit, n: over }) : empty);
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

/**
 * Characters as the server counts them: an emoji is one, not two.
 * @param {string} text
 */
function length(text) {
  return [...text].length;
}
