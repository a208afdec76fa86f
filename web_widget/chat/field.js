/**
 * The field for a question. It is an `input`, because only that may be an ARIA combobox; a line break (Shift+Enter, a
 * pasted text) or a long text turns it into a `textarea`, which can't be one and needs no suggestions any more.
 */

import { make } from "./nodes.js";

const PAUSE = 700; // ms without typing before a long text gets its second line

/**
 * True for an Enter that means "send": not while an input method is composing (Chromium says `isComposing`, Safari
 * sends keyCode 229 just after the composition), and not with Shift.
 * @param {KeyboardEvent} event
 */
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

  /**
   * @param {Record<string, string | number>} attributes of either element
   * @param {Record<string, string>} combobox attributes of the input alone
   */
  constructor(attributes, combobox) {
    this.line = make("input", { ...attributes, ...combobox, type: "text" });
    this.page = make("textarea", { ...attributes, rows: 3 });
    /** @type {HTMLInputElement | HTMLTextAreaElement} */
    this.element = this.line;
    /** Stands in the page in place of either. */
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

  /** There is room for one line only, so suggestions may be offered. */
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

  /**
   * @param {HTMLInputElement | HTMLTextAreaElement} next
   * @param {string} value
   * @param {number} caret
   */
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
