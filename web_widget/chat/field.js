/**
 * The field for a question. It is an `input`, because only that may be an ARIA combobox; a line break (Shift+Enter, a
 * pasted text) or a long text turns it into a `textarea`, which can't be one and needs no suggestions any more.
 */

import { icon, labelled, make, tongue, words } from "./nodes.js";

/** @import { Choice } from "./types.js" */

const PAUSE = 700; // ms before a long text gets its second line
const QUIET = 150; // ms before suggestions
const SHORTEST = 2;
const LONGEST = 60; // characters the server takes

/** Not while an input method is composing, nor (Safari: keyCode 229) just after. @param {KeyboardEvent} event */
export function isSendKey(event) {
  return event.key === "Enter" && !event.shiftKey && !isComposing(event);
}

/** @param {KeyboardEvent} event */
export function isComposing(event) {
  return event.isComposing || event.key === "Process" || event.keyCode === 229;
}

export class Field {
  #composing = false;
  #timer = 0;

  /** @param {Record<string, string | number>} attributes @param {Record<string, string>} combobox of the input alone */
  constructor(attributes, combobox) {
    this.line = make("input", { ...attributes, ...combobox, type: "text" });
    this.page = make("textarea", { ...attributes, rows: 3 });
    /** @type {HTMLInputElement | HTMLTextAreaElement} */
    this.element = this.line;
    this.frame = make("div", { class: "field" }, this.line);
    this.frame.addEventListener("compositionstart", () => this.#compose(true));
    this.frame.addEventListener("compositionend", () => this.#compose(false));
    this.frame.addEventListener("input", () => this.#growLater());
    this.frame.addEventListener("keydown", (event) => this.#breakLine(event));
    this.frame.addEventListener("paste", (event) => this.#paste(event));
  }

  get text() {
    return this.element.value;
  }

  set text(value) {
    this.#become(value.includes("\n") ? this.page : this.line, value, value.length);
    this.#growLater();
  }

  get composing() {
    return this.#composing;
  }

  get short() {
    return this.element === this.line;
  }

  focus() {
    this.element.focus();
  }

  /** @param {boolean} composing */
  #compose(composing) {
    this.#composing = composing;
    this.#growLater();
  }

  /** Changing the element under a composition would break it, and under a typing hand would lose a key. */
  #growLater() {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      const { line } = this;
      if (this.#composing || !this.short || line.scrollWidth <= line.clientWidth) return;
      this.#become(this.page, line.value, line.selectionEnd ?? line.value.length);
    }, PAUSE);
  }

  /** @param {KeyboardEvent} event */
  #breakLine(event) {
    if (event.key !== "Enter" || !event.shiftKey || isComposing(event) || !this.short) return;
    event.preventDefault();
    this.#insert("\n");
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const text = event.clipboardData?.getData("text/plain").replace(/\r\n?/g, "\n").trim() ?? "";
    if (!this.short || !text.includes("\n")) return;
    event.preventDefault();
    this.#insert(text);
  }

  /** @param {string} text */
  #insert(text) {
    const { value, selectionStart, selectionEnd } = this.line;
    const start = selectionStart ?? value.length;
    const changed = value.slice(0, start) + text + value.slice(selectionEnd ?? start);
    this.#become(this.page, changed, start + text.length);
    this.page.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {HTMLInputElement | HTMLTextAreaElement} next @param {string} value @param {number} caret */
  #become(next, value, caret) {
    const last = this.element;
    const focused = last.matches(":focus");
    next.value = value;
    if (next !== last) {
      for (const name of ["aria-invalid", "aria-describedby"]) next.setAttribute(name, last.getAttribute(name) ?? "");
      last.replaceWith(next);
      this.element = next;
      if (focused) next.focus();
    }
    next.setSelectionRange(caret, caret);
  }
}

export const COMBOBOX = {
  role: "combobox",
  "aria-autocomplete": "list",
  "aria-expanded": "false",
  "aria-controls": "suggestions",
  autocomplete: "off",
};

/** Titles of entries while a resident types: the list of an ARIA combobox (manual selection). */
export class Suggestions {
  #timer = 0;
  #asking = new AbortController();
  /** @type {Choice[]} */
  #choices = [];
  #active = -1;
  #awaited = false;

  /**
   * @param {Field} field
   * @param {(typed: string, signal: AbortSignal) => Promise<Choice[]>} ask
   * @param {(choice: Choice) => void} pick
   * @param {(count: number) => void} tell
   */
  constructor(field, ask, pick, tell) {
    this.field = field;
    this.ask = ask;
    this.pick = pick;
    this.tell = tell;
    this.list = labelled("ul", "suggestions", { id: "suggestions", role: "listbox", hidden: true });
    // A press must not take the focus from the field.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    field.frame.addEventListener("input", () => this.#later());
    field.frame.addEventListener("compositionend", () => this.#later());
    field.frame.addEventListener("keydown", (event) => this.#key(event));
    field.frame.addEventListener("focusout", () => this.close());
  }

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
    else this.#timer = window.setTimeout(() => this.#fetch(typed), QUIET);
  }

  /** @param {string} typed */
  async #fetch(typed) {
    // The input method has a list of its own there.
    if (this.field.composing) return;
    const asking = (this.#asking = new AbortController());
    try {
      const found = await this.ask(typed, asking.signal);
      if (!asking.signal.aborted && !this.field.composing) this.#show(found);
    } catch {
      this.#show([]);
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

  /** @param {Choice} choice @param {number} index */
  #option(choice, index) {
    const attributes = { id: `suggestion-${index}`, role: "option", "aria-selected": "false", lang: tongue(choice.title, words.lang) };
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
    // Escape may come just before the list does.
    const escaping = event.key === "Escape" && this.#awaited;
    if (isComposing(event) || (this.list.hidden && !escaping)) return;
    const { length } = this.#choices;
    if (event.key === "ArrowDown") this.#activate(this.#active + 1 < length ? this.#active + 1 : -1);
    else if (event.key === "ArrowUp") this.#activate(this.#active < 0 ? length - 1 : this.#active - 1);
    else if (event.key === "Enter" && !event.shiftKey && this.#active >= 0) this.#pick(this.#active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation(); // nor send, nor close the panel
  }
}
