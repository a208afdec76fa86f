/** Language; back, from the start, telephone, and a menu with the rest. What unfolds does so one at a time. */

import { recall } from "./memory.js";
import { icon, labelled, make, said, words } from "./nodes.js";

/** @import { Deeds } from "./types.js" */

export class Toolbar {
  /** @type {HTMLElement | undefined} */
  #open;

  /** @param {Deeds} deeds */
  constructor(deeds) {
    this.deeds = deeds;
    this.back = button("back", deeds.back);
    const drawer = make("div", { class: "drawer", id: "drawer", hidden: true });
    const phone = this.#unfolding(button("phone"), drawer, async () => [await deeds.phone()]);
    const menu = this.#unfolding(button("menu"), drawer, async () => this.#menu());
    const bar = labelled("div", "tools", { class: "tools", role: "group" }, this.back, button("restart", deeds.restart), phone, menu);
    this.element = make("div", { class: "toolbar" }, bar, drawer);

    // Whoever can't read the rest knows the globe and this word.
    const globe = make("button", { type: "button" }, icon("globe"), make("span", { lang: "en" }, "Language"));
    const list = labelled("ul", "language", { class: "drawer", id: "languages", hidden: true });
    this.language = make("div", { class: "language" }, this.#unfolding(globe, list, async () => this.#languages(globe)), list);
    this.language.addEventListener("focusout", ({ relatedTarget: to }) => {
      if (to instanceof Node && !this.language.contains(to) && this.#open === globe) this.close(); // it covers the tools
    });
    for (const part of [this.element, this.language]) part.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {boolean} possible */
  allowBack(possible) {
    this.back.setAttribute("aria-disabled", String(!possible)); // stays focusable, so the focus isn't lost
  }

  /** Folds up what is unfolded. */
  close() {
    this.#open?.click();
  }

  /** @param {HTMLElement} unfold @param {HTMLElement} drawer @param {() => Promise<Node[]>} content */
  #unfolding(unfold, drawer, content) {
    /** @param {boolean} open */
    const turn = (open) => {
      this.#open = open ? unfold : undefined;
      unfold.ariaExpanded = String(open);
      drawer.hidden = !open;
    };
    unfold.ariaExpanded = "false";
    unfold.setAttribute("aria-controls", drawer.id);
    unfold.addEventListener("click", async () => {
      if (this.#open === unfold) return turn(false);
      this.close();
      turn(true);
      drawer.replaceChildren();
      const nodes = await content();
      if (this.#open === unfold) drawer.replaceChildren(...nodes);
    });
    return unfold;
  }

  #menu() {
    const save = make("div", { class: "keepsakes" }, button("print", this.deeds.print), button("save", this.deeds.save));
    return [sizes(this.deeds.resize), save];
  }

  /** @param {HTMLElement} globe */
  #languages(globe) {
    const { languages, speak } = this.deeds;
    return Object.entries(languages()).map(([lang, name]) => {
      const onclick = () => (this.close(), globe.focus(), speak(lang));
      const current = lang === recall().lang && "true";
      return make("li", {}, make("button", { type: "button", lang, "aria-current": current, onclick }, name));
    });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape" || !this.#open) return;
    event.stopPropagation();
    this.#open.focus();
    this.close();
  }
}

/** @param {"back" | "restart" | "phone" | "menu" | "print" | "save"} name of the word and the drawing @param {() => void} [onclick] */
function button(name, onclick) {
  return make("button", { type: "button", onclick }, icon(name), said("span", name));
}

/** Radio buttons, so that the state is heard and the arrow keys work. @param {(size: number) => void} resize */
function sizes(resize) {
  const radios = words.sizes.map((label, size) => {
    const attributes = { type: "radio", name: "sizes", checked: size === recall().size, onchange: () => resize(size) };
    return make("label", {}, make("input", attributes), make("span", {}, label));
  });
  return make("fieldset", {}, said("legend", "textSize"), make("div", { class: "options" }, ...radios));
}
