/** Back, from the start, telephone, and a menu with the rest. Telephone and menu unfold below; one at a time. */

import { icon, make } from "./nodes.js";

/** @import { Deeds, Tools } from "./types.js" */

export class Toolbar {
  /** @type {HTMLButtonElement | undefined} */
  #open;

  /**
   * @param {Tools} setting
   * @param {Deeds} deeds
   */
  constructor(setting, deeds) {
    const { words } = setting;
    this.setting = setting;
    this.deeds = deeds;
    this.drawer = make("div", { class: "drawer", id: "drawer", hidden: true });
    this.back = button(words.back, "back", () => deeds.back());
    const restart = button(words.restart, "restart", () => deeds.restart());
    const phone = this.#unfolding(words.phone, "phone", async () => [await deeds.phone()]);
    const menu = this.#unfolding(words.menu, "menu", async () => this.#menu(setting));
    const bar = make("div", { class: "tools", role: "group", "aria-label": words.tools }, this.back, restart, phone, menu);
    this.element = make("div", { class: "toolbar" }, bar, this.drawer);
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {boolean} possible */
  allowBack(possible) {
    this.back.setAttribute("aria-disabled", String(!possible)); // stays focusable, so the focus isn't lost
  }

  /** Folds up what is unfolded. */
  close() {
    this.#open?.setAttribute("aria-expanded", "false");
    this.#open = undefined;
    this.drawer.hidden = true;
  }

  /**
   * @param {string} label
   * @param {"phone" | "menu"} drawing
   * @param {() => Promise<Node[]>} content
   */
  #unfolding(label, drawing, content) {
    const unfold = button(label, drawing, async () => {
      const wasOpen = this.#open === unfold;
      this.close();
      if (wasOpen) return;
      this.#open = unfold;
      unfold.setAttribute("aria-expanded", "true");
      this.drawer.hidden = false;
      this.drawer.replaceChildren();
      const nodes = await content();
      if (this.#open === unfold) this.drawer.replaceChildren(...nodes);
    });
    unfold.setAttribute("aria-expanded", "false");
    unfold.setAttribute("aria-controls", "drawer");
    return unfold;
  }

  /**
   * @param {Tools} setting
   */
  #menu({ words, lang, languages, size }) {
    const sizes = words.sizes.map((label, index) => ({ label, value: index }));
    const tongues = Object.entries(languages).map(([value, label]) => ({ label, value }));
    const resize = choice("sizes", words.textSize, sizes, size, (value) => this.deeds.resize((this.setting.size = value)));
    const speak = choice("languages", words.language, tongues, lang, (value) => this.deeds.speak(value));
    const print = button(words.print, "print", () => this.deeds.print());
    const save = button(words.save, "save", () => this.deeds.save());
    return [resize, ...(tongues.length > 1 ? [speak] : []), make("div", { class: "keepsakes" }, print, save)];
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape" || !this.#open) return;
    event.stopPropagation();
    this.#open.focus();
    this.close();
  }
}

/**
 * @param {string} label
 * @param {Parameters<typeof icon>[0]} drawing
 * @param {() => void} onclick
 */
function button(label, drawing, onclick) {
  return make("button", { type: "button", onclick }, icon(drawing), make("span", {}, label));
}

/**
 * One of a few: radio buttons, so that the state is heard and the arrow keys work.
 * @template {string | number} Value
 * @param {string} name
 * @param {string} label
 * @param {{label: string, value: Value}[]} options
 * @param {Value} current
 * @param {(value: Value) => void} onPick
 */
function choice(name, label, options, current, onPick) {
  /** @param {{label: string, value: Value}} option */
  const radio = (option) => {
    const attributes = { type: "radio", name, value: option.value, checked: option.value === current };
    return make("label", {}, make("input", { ...attributes, onchange: () => onPick(option.value) }), make("span", {}, option.label));
  };
  return make("fieldset", {}, make("legend", {}, label), make("div", { class: "options" }, ...options.map(radio)));
}
