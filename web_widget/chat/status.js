/** The line above the field: waiting, what is wrong with a text, what is wrong with the connection. Apart from the log. */

import { icon, make } from "./nodes.js";

/** @import { Words } from "./types.js" */

const SHORT = 300; // ms; what comes sooner needs no indicator
const LONG = 8000; // ms

export class Status {
  /** @type {number[]} */
  #timers = [];

  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.line = make("p", { class: "now", role: "status" });
    this.problem = make("p", { class: "now wrong", id: "problem", role: "status" });
    this.quiet = make("p", { class: "unseen", role: "status" });
    this.element = make("div", { class: "status" }, this.line, this.problem, this.quiet);
  }

  /** @param {boolean} busy */
  wait(busy) {
    this.#timers.forEach(clearTimeout);
    if (!busy && this.line.classList.contains("wrong")) return; // why nothing came is still to be read
    this.line.replaceChildren();
    this.line.classList.remove("wrong");
    if (!busy) return;
    /** @param {string} text @param {number} after */
    const say = (text, after) => window.setTimeout(() => this.line.replaceChildren(text, make("span", { class: "dots" })), after);
    this.#timers = [say(this.words.waiting, SHORT), say(this.words.stillWaiting, LONG)];
  }

  /** @param {string} text about what was refused; stays until something is awaited again */
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
