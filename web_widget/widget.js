/**
 * `<madoguchi-chat>`: the launcher, and what opens the panel, whose code comes when it is first wanted.
 * Attributes: see README.md. Events: madoguchi-open, -close, -answer.
 */

import { drawing, failurePanel, label, launcherButton, toggle } from "./launcher/launcher.js";
import { style } from "./launcher/style.js";
import { load, nearest } from "./locales/languages.js";

/** @import { Shown, Words } from "./chat/types.js" */
const NAME = "madoguchi-chat";
const HERE = new URL(".", import.meta.url).href;

class MadoguchiChat extends HTMLElement {
  static observedAttributes = ["open", "lang", "icon"];

  /** @type {Words | undefined} */
  #words;
  /** @type {HTMLElement | undefined} */
  #launcher;
  /** @type {Shown | undefined} */
  #panel;
  #opened = false;
  #attempts = 0;

  connectedCallback() {
    if (document.querySelector(NAME) !== this) this.hidden = true; // one is enough
    else if (this.#launcher) toggle(this.#launcher, !this.#opened);
    else void this.#start(before().lang || this.lang || document.documentElement.lang);
  }

  /** @param {string} name @param {string | null} _ @param {string | null} value */
  attributeChangedCallback(name, _, value) {
    if (!this.#launcher) return;
    if (name === "icon") this.#launcher.firstElementChild?.replaceWith(drawing(value));
    else if (name === "lang") void this.#speak(value ?? "");
    else if (value === null) this.#close();
    else void this.#open(false);
  }

  /** @param {string} tag */
  async #start(tag) {
    await this.#speak(tag); // until then the fallback content stays
    this.#launcher = launcherButton(this.getAttribute("icon"), () => void this.#open(true));
    label(this.#launcher, /** @type {Words} */ (this.#words));
    this.#launcher.onpointerenter = this.#launcher.onfocus = () => void this.#code().catch(() => {}); // soon a click
    const root = this.attachShadow({ mode: "open" });
    root.append(this.#launcher);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    toggle(this.#launcher, true);
    addEventListener("focusin", this.#onFocus);
    addEventListener("click", this.#onClick);
    const small = matchMedia("(max-width: 47.99rem)").matches; // don't cover a new page
    if (this.hasAttribute("open") || (!small && before().open)) void this.#open(false);
  }

  /** @param {string} tag */
  async #speak(tag) {
    if (this.#panel?.speak) this.#panel.speak(nearest(tag));
    else this.#say(await load(nearest(tag)));
  }

  /** @param {Words} words */
  #say = (words) => {
    this.#words = words;
    if (this.#launcher) label(this.#launcher, words);
  };

  /** A banner. @param {Event} event */
  #onClick = (event) => {
    const link = event.target instanceof Element && this.id && event.target.closest(`a[href="#${this.id}"]`);
    if (!link) return;
    event.preventDefault();
    void this.#open(true);
  };

  /** @param {FocusEvent} event */
  #onFocus = async ({ target }) => target !== this && (await import("./chat/screen.js")).stepAside(this.#launcher, target);

  /** @param {boolean} focus the resident asked for it just now */
  async #open(focus) {
    if (this.#opened || !this.#launcher) return;
    this.#opened = true;
    this.#launcher.ariaBusy = "true";
    const panel = (this.#panel ??= await this.#load());
    this.#launcher.ariaBusy = null;
    if (!this.#opened) return; // closed again while it was loading
    toggle(this.#launcher, false);
    panel.show(focus);
    this.#tell("open");
  }

  #close() {
    if (!this.#opened || !this.#launcher) return;
    this.#opened = false;
    const within = this.shadowRoot?.activeElement;
    this.#panel?.hide();
    toggle(this.#launcher, true);
    if (within) this.#launcher.focus({ preventScroll: true });
    this.#tell("close");
  }

  /** @param {"open" | "close"} what */
  #tell(what) {
    this.toggleAttribute("open", this.#opened);
    this.dispatchEvent(new Event(`madoguchi-${what}`, { bubbles: true, composed: true }));
  }

  // A module that failed stays failed, hence the number.
  #code = () => import(`${HERE}chat/panel.js${this.#attempts ? `?${this.#attempts}` : ""}`);

  /** @returns {Promise<Shown>} */
  async #load() {
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    const words = /** @type {Words} */ (this.#words);
    const close = () => this.#close();
    try {
      const css = fetch(`${HERE}chat/chat.css`);
      css.catch(() => {});
      const { createPanel } = await this.#code();
      return await createPanel({ host: this, root, css, here: HERE, words, close, say: this.#say });
    } catch {
      this.#attempts += 1;
      const element = failurePanel(words, () => (close(), this.#open(true)), close);
      root.append(element);
      const show = () => (toggle(element, true), element.focus());
      const hide = () => (element.remove(), (this.#panel = undefined)); // the next click tries again
      return { element, show, hide };
    }
  }
}

/** What chat/memory.js kept, without loading it. @returns {{lang?: string, open?: boolean}} */
function before() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? "{}");
  } catch {
    return {};
  }
}

// A second copy of the snippet does nothing.
if (!customElements.get(NAME)) customElements.define(NAME, MadoguchiChat);
