/** Titles of entries while a resident types: the list of an ARIA combobox (APG, list autocomplete, manual selection). */

import { isComposing } from "./field.js";
import { icon, make } from "./nodes.js";

/** @import { Field } from "./field.js" */
/** @import { Choice } from "./types.js" */

const PAUSE = 150; // ms
const SHORTEST = 2;
const LONGEST = 60; // characters the server takes

/** Attributes of an input that has a list; the list's id is `suggestions`. */
export const COMBOBOX = {
  role: "combobox",
  "aria-autocomplete": "list",
  "aria-expanded": "false",
  "aria-controls": "suggestions",
  autocomplete: "off",
};

export class Suggestions {
  #timer = 0;
  #asking = new AbortController();
  /** @type {Choice[]} */
  #choices = [];
  #active = -1;
  #awaited = false;

  /**
   * @param {Field} field
   * @param {string} label
   * @param {(typed: string, signal: AbortSignal) => Promise<Choice[]>} ask
   * @param {(choice: Choice) => void} pick
   * @param {(count: number) => void} tell
   */
  constructor(field, label, ask, pick, tell) {
    this.field = field;
    this.ask = ask;
    this.pick = pick;
    this.tell = tell;
    this.list = make("ul", { id: "suggestions", role: "listbox", "aria-label": label, hidden: true });
    // A press must not take the focus from the field, or the list would close under the finger.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    field.frame.addEventListener("input", () => this.#later());
    field.frame.addEventListener("compositionend", () => this.#later());
    field.frame.addEventListener("keydown", (event) => this.#key(event));
    field.frame.addEventListener("focusout", () => this.close());
  }

  /** Hides the list and forgets what was asked. */
  close() {
    clearTimeout(this.#timer);
    this.#asking.abort();
    this.#show([]);
  }

  #later() {
    clearTimeout(this.#timer);
    this.#asking.abort();
    const typed = this.field.text.trim();
    const fits = this.field.short && typed.length >= SHORTEST && typed.length <= LONGEST;
    this.#awaited = fits;
    if (!fits) this.#show([]);
    else this.#timer = window.setTimeout(() => this.#fetch(typed), PAUSE);
  }

  /** @param {string} typed */
  async #fetch(typed) {
    // The input method has a list of its own there; and its half-typed kana find nothing good.
    if (this.field.composing) return;
    const asking = (this.#asking = new AbortController());
    try {
      const found = await this.ask(typed, asking.signal);
      if (!asking.signal.aborted && !this.field.composing) this.#show(found);
    } catch {
      this.#show([]); // suggestions are a help; without them everything still works
    }
  }

  /** @param {Choice[]} choices */
  #show(choices) {
    this.#awaited = false;
    const changed = choices.length !== this.#choices.length;
    this.#choices = choices;
    this.list.replaceChildren(...choices.map((choice, index) => this.#option(choice, index)));
    this.list.hidden = choices.length === 0;
    this.field.line.setAttribute("aria-expanded", String(choices.length > 0));
    this.#activate(-1);
    if (changed) this.tell(choices.length);
  }

  /**
   * @param {Choice} choice
   * @param {number} index
   */
  #option(choice, index) {
    const attributes = { id: `suggestion-${index}`, role: "option", "aria-selected": "false" };
    const onclick = () => this.#pick(index);
    return make("li", { ...attributes, onclick }, icon("search"), make("span", {}, choice.title));
  }

  /** @param {number} index */
  #activate(index) {
    this.#active = index;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const active = this.list.children[index];
    active?.scrollIntoView({ block: "nearest" });
    if (active) this.field.line.setAttribute("aria-activedescendant", active.id);
    else this.field.line.removeAttribute("aria-activedescendant");
  }

  /** @param {number} index */
  #pick(index) {
    const choice = this.#choices[index];
    this.close();
    this.pick(choice);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Escape may come just before the list does; it means the list, not the panel.
    const escaping = event.key === "Escape" && this.#awaited;
    if (isComposing(event) || (this.list.hidden && !escaping)) return;
    const { length } = this.#choices;
    if (event.key === "ArrowDown") this.#activate(this.#active + 1 < length ? this.#active + 1 : -1);
    else if (event.key === "ArrowUp") this.#activate(this.#active < 0 ? length - 1 : this.#active - 1);
    else if (event.key === "Enter" && !event.shiftKey && this.#active >= 0) this.#pick(this.#active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Enter must not send as well, Escape not close the panel
  }
}
