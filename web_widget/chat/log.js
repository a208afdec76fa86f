/** A live log of what was said, and below it, outside the log, what can be chosen next. */

import { icon, labelled, make, present, said, tongue, unseen } from "./nodes.js";
import { choiceList, ratingBox, replyItem } from "./reply.js";
import { titleOf } from "./transcript.js";

/** @import { Child } from "./nodes.js" */
/** @import { Hands, Line } from "./types.js" */

export class Log {
  /** @param {Hands} hands */
  constructor(hands) {
    this.hands = hands;
    this.list = make("ol");
    this.live = labelled("div", "conversation", { role: "log" }, this.list);
    this.choices = make("div", { class: "choices" });
    this.trouble = make("div", { class: "trouble" });
    this.element = labelled(
      "div",
      "conversation",
      { class: "scroll", role: "region", tabindex: 0 },
      this.live,
      this.choices,
      this.trouble,
    );
  }

  /** Shows a conversation from its beginning. Old lines are not news, so they are not announced. @param {Line[]} lines */
  begin(lines) {
    const items = lines.flatMap((line, index) => this.#itemsOf(line, titleOf(lines, index)));
    const quiet = lines.length > 1;
    if (quiet) this.live.setAttribute("aria-live", "off");
    this.list.replaceChildren(...items);
    if (quiet) setTimeout(() => this.live.removeAttribute("aria-live"), 500);
    this.offer(lines.at(-1));
    if (quiet) this.show(items.filter((item) => item.classList.contains("own")).at(-1));
    else this.element.scrollTop = 0;
  }

  clear() {
    this.list.replaceChildren();
    this.offer(undefined);
    this.trouble.replaceChildren();
  }

  /** The resident's own line. Not live: they know what they have just sent. @param {string} title @param {string} lang */
  own(title, lang) {
    const item = this.#ownItem(title, lang);
    const hadFocus = this.choices.contains(this.#focused());
    this.list.append(item);
    this.offer(undefined);
    if (hadFocus) item.focus({ preventScroll: true }); // the pressed button is gone; Tab goes on from here
    this.show(item);
    return item;
  }

  /**
   * Puts a reply below the line it answers, even if others were sent since.
   * @param {HTMLElement | undefined} own
   * @param {Line} line
   * @param {boolean} renewed
   * @param {boolean} last nothing else is awaited, so its choices are offered
   */
  answer(own, line, renewed, last) {
    const items = [...(renewed ? [this.#expired()] : []), ...this.#replyItem(line)];
    if (own) own.after(...items);
    else this.list.append(...items);
    if (last) this.offer(line);
    this.show(own ?? items[0]);
  }

  excuse() {
    this.list.prepend(this.#expired());
  }

  /** What has been read aloud isn't news when it is said in another language. */
  hush() {
    for (const item of this.list.children) item.ariaLive = "off";
  }

  /**
   * Says below everything that a line could not be sent.
   * @param {HTMLElement | undefined} own
   * @param {string} what
   * @param {Child[]} remedies
   */
  fail(own, what, remedies) {
    const hadFocus = this.trouble.contains(this.#focused());
    if (own && !own.querySelector(".mark")) own.append(make("p", { class: "mark" }, icon("warn"), said("span", "unsent")));
    this.trouble.replaceChildren(make("p", { class: "what" }, icon("warn"), what), ...present(remedies));
    if (hadFocus) this.trouble.querySelector("button")?.focus();
    else this.show(own ?? this.trouble);
  }

  calm() {
    this.trouble.replaceChildren();
    this.list.querySelectorAll(".mark").forEach((mark) => mark.remove());
  }

  /** The buttons for what can be chosen next; none while an answer is awaited. @param {Line | undefined} line */
  offer(line) {
    this.choices.replaceChildren(...(line?.reply ? choiceList(line.reply, line.lang, this.hands.choose) : []));
  }

  /** Scrolls so that reading can begin at an item. @param {HTMLElement | undefined} item */
  show(item) {
    if (!item) return;
    const top = item.getBoundingClientRect().top - this.element.getBoundingClientRect().top;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.element.scrollBy({ top: top - 8, behavior: calm ? "instant" : "smooth" });
  }

  /** @param {Line} line @param {string} title */
  #itemsOf(line, title) {
    return [...(line.said === null ? [] : [this.#ownItem(title, line.lang)]), ...this.#replyItem(line)];
  }

  /** @param {string} title @param {string} lang */
  #ownItem(title, lang) {
    const bubble = make("div", { class: "bubble", lang: tongue(title, lang) }, title);
    return make("li", { class: "own", tabindex: -1, "aria-live": "off" }, unseen("you"), bubble);
  }

  #expired() {
    return make("li", { class: "notice" }, icon("warn"), said("p", "expired"));
  }

  /** @param {Line} line */
  #replyItem({ reply, lang }) {
    /** @param {string} entry */
    const rating = (entry) => ratingBox(this.hands.rated(entry), (helpful, reason) => this.hands.rate(entry, helpful, reason));
    return reply ? [replyItem(reply, lang, rating)] : [];
  }

  #focused() {
    const root = this.element.getRootNode();
    return root instanceof ShadowRoot ? root.activeElement : null;
  }
}
