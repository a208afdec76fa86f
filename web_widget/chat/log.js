/**
 * The conversation as it is seen: a live log of what was said, and below it, outside the log, what can be chosen next.
 */

import { icon, make, present, unseen } from "./nodes.js";
import { choiceList, ratingBox, replyItem } from "./reply.js";
import { titleOf } from "./transcript.js";

/** @import { Child } from "./nodes.js" */
/** @import { Hands, Line, Reply, Words } from "./types.js" */

export class Log {
  /**
   * @param {Words} words
   * @param {Hands} hands
   */
  constructor(words, hands) {
    this.words = words;
    this.hands = hands;
    this.list = make("ol");
    this.live = make("div", { role: "log", "aria-label": words.conversation }, this.list);
    this.choices = make("div", { class: "choices" });
    this.trouble = make("div", { class: "trouble" });
    this.element = make(
      "div",
      { class: "scroll", role: "region", "aria-label": words.conversation, tabindex: 0 },
      this.live,
      this.choices,
      this.trouble,
    );
  }

  /**
   * Shows a conversation from its beginning. Old lines are not news, so they are not announced.
   * @param {Line[]} lines
   */
  begin(lines) {
    const items = lines.flatMap((line, index) => this.#itemsOf(line, titleOf(lines, index, this.words)));
    const quiet = lines.length > 1;
    if (quiet) this.live.setAttribute("aria-live", "off");
    this.list.replaceChildren(...items);
    if (quiet) setTimeout(() => this.live.removeAttribute("aria-live"), 500);
    this.offer(lines.at(-1)?.reply ?? undefined);
    if (quiet) this.show(items.filter((item) => item.classList.contains("own")).at(-1));
    else this.element.scrollTop = 0;
  }

  /** Empties everything. */
  clear() {
    this.list.replaceChildren();
    this.offer(undefined);
    this.trouble.replaceChildren();
  }

  /**
   * The resident's own line. Not live: they know what they have just sent.
   * @param {string} title
   */
  own(title) {
    const item = this.#ownItem(title);
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
   * @param {Reply} reply
   * @param {string | null} notice
   * @param {boolean} last nothing else is awaited, so its choices are offered
   */
  answer(own, reply, notice, last) {
    const items = [...(notice ? [this.#notice(notice)] : []), this.#replyItem(reply)];
    if (own) own.after(...items);
    else this.list.append(...items);
    if (last) this.offer(reply);
    this.show(own ?? items[0]);
  }

  /**
   * @param {string} text
   */
  note(text) {
    this.list.prepend(this.#notice(text));
  }

  /**
   * Says below everything that a line could not be sent, and what can be done.
   * @param {HTMLElement | undefined} own
   * @param {string} what
   * @param {Child[]} remedies
   */
  fail(own, what, remedies) {
    const hadFocus = this.trouble.contains(this.#focused());
    if (own && !own.querySelector(".mark")) own.append(make("p", { class: "mark" }, icon("warn"), this.words.unsent));
    this.trouble.replaceChildren(make("p", { class: "what" }, icon("warn"), what), ...present(remedies));
    if (hadFocus) this.trouble.querySelector("button")?.focus();
    else this.show(own ?? this.trouble);
  }

  /** Takes back what `fail` said. */
  calm() {
    this.trouble.replaceChildren();
    this.list.querySelectorAll(".mark").forEach((mark) => mark.remove());
  }

  /**
   * The buttons for what can be chosen next; none while an answer is awaited.
   * @param {Reply | undefined} reply
   */
  offer(reply) {
    this.choices.replaceChildren(...(reply ? choiceList(reply, this.words, this.hands.choose) : []));
  }

  /**
   * Scrolls so that reading can begin at an item.
   * @param {HTMLElement | undefined} item
   */
  show(item) {
    if (!item) return;
    const top = item.getBoundingClientRect().top - this.element.getBoundingClientRect().top;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.element.scrollBy({ top: top - 8, behavior: calm ? "instant" : "smooth" });
  }

  /**
   * @param {Line} line
   * @param {string} title
   */
  #itemsOf({ said, reply }, title) {
    return [...(said === null ? [] : [this.#ownItem(title)]), ...(reply ? [this.#replyItem(reply)] : [])];
  }

  /** @param {string} title */
  #ownItem(title) {
    const bubble = make("div", { class: "bubble" }, title);
    return make("li", { class: "own", tabindex: -1, "aria-live": "off" }, unseen(this.words.you), bubble);
  }

  /** @param {string} text */
  #notice(text) {
    return make("li", { class: "notice" }, icon("warn"), make("p", {}, text));
  }

  /** @param {Reply} reply */
  #replyItem(reply) {
    return replyItem(reply, this.words, (entry) =>
      ratingBox(this.words, this.hands.rated(entry), (helpful, reason) => this.hands.rate(entry, helpful, reason)),
    );
  }

  #focused() {
    const root = this.element.getRootNode();
    return root instanceof ShadowRoot ? root.activeElement : null;
  }
}
