/** The panel: puts the parts together and shows what happens in the conversation. Loaded when it is first opened. */

import { onTop, toggle } from "../launcher/launcher.js";
import { languages } from "../locales/languages.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Log } from "./log.js";
import { keep, recall } from "./memory.js";
import { fill, icon, make } from "./nodes.js";
import { contactCard } from "./reply.js";
import { followViewport, watchFocus } from "./screen.js";
import { Server } from "./server.js";
import { Status } from "./status.js";
import { Toolbar } from "./toolbar.js";
import { print, save } from "./transcript.js";

/** @import { Trouble } from "./server.js" */
/** @import { ChatReply, Info, Line, Pause, Question, Setting, Turn, Words } from "./types.js" */

/**
 * Fails, for the launcher to tell, if the style sheet can't be had.
 * @param {Setting} setting
 */
export async function createPanel(setting) {
  const { root } = setting;
  const response = await setting.css;
  if (!response.ok) throw new Error(`chat.css: ${response.status}`);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await response.text());
  root.adoptedStyleSheets.push(sheet);
  return new Panel(setting);
}

class Panel {
  /** @type {Map<Turn, HTMLElement>} */
  #own = new Map();
  /** @type {Info | undefined} */
  #info;
  /** @type {(() => void)[]} */
  #endings = [];

  /** @param {Setting} setting */
  constructor(setting) {
    const { words, lang, host, here } = setting;
    this.setting = setting;
    this.server = new Server(new URL(host.getAttribute("server") ?? here, location.href).href.replace(/\/?$/, "/"));
    this.conversation = new Conversation(this.server, lang, this);
    this.status = new Status(words);
    this.log = new Log(words, {
      choose: (choice) => this.ask(choice),
      rate: (entry, helpful, reason) => this.conversation.rate({ entry, helpful, reason }),
      rated: (entry) => recall().rated.includes(entry),
    });
    this.composer = new Composer(words, this.status, {
      send: (title) => this.ask({ title }),
      pick: (choice) => this.ask(choice),
      suggest: (typed, signal) => this.server.suggest(typed, signal),
      draft: (draft) => keep({ draft }),
    });
    this.toolbar = new Toolbar({ words, lang, languages, size: recall().size }, {
      back: () => this.#back(),
      restart: () => this.#restart(),
      phone: () => this.#phone(),
      resize: (size) => this.#resize(size),
      print: () => print(this.conversation.lines, words, lang, setting.root),
      save: () => save(this.conversation.lines, words, lang),
      speak: (code) => this.#speak(code),
    });
    this.title = make("h2", { id: "title", tabindex: -1 }, words.title);
    this.element = this.#frame(words, lang);
    setting.root.append(this.element);
    this.#resize(recall().size);
    this.composer.text = recall().draft;
    void this.#refresh();
    this.conversation.open();
  }

  /** @param {boolean} focus whether the resident asked for it just now */
  show(focus) {
    const { host, close } = this.setting;
    toggle(this.element, true);
    keep({ open: true });
    this.#endings = [followViewport(this.element), watchFocus(host, this.element, close)];
    if (focus) this.title.focus({ preventScroll: true });
  }

  hide() {
    this.toolbar.close();
    this.composer.suggestions.close();
    this.#endings.forEach((end) => end());
    toggle(this.element, false);
    keep({ open: false });
  }

  // -- what the resident does ----------------------------------------------------------------------------------

  /** @param {Question} question */
  ask(question) {
    this.toolbar.close();
    const turn = this.conversation.ask(question);
    this.#own.set(turn, this.log.own(question.title));
  }

  #back() {
    const { previous, idle } = this.conversation;
    if (previous && idle) this.ask({ title: this.setting.words.back, payload: previous });
  }

  #restart() {
    this.toolbar.close();
    this.#own.clear();
    this.log.clear();
    this.composer.text = "";
    this.conversation.restart();
  }

  /** The answers come in the language a conversation was started with, so another one begins. @param {string} lang */
  #speak(lang) {
    this.conversation.end();
    keep({ id: "", rated: [], lang });
    this.setting.speak(lang);
  }

  async #phone() {
    await this.#refresh();
    return contactCard(this.#contact, this.setting.words, this.#info?.open_now);
  }

  /** @param {number} size */
  #resize(size) {
    this.element.dataset.size = String(size);
    keep({ size });
  }

  // -- what happens in the conversation (its View) -------------------------------------------------------------

  /**
   * @param {Line[]} lines
   * @param {boolean} lost
   */
  begun(lines, lost) {
    this.#calm();
    this.log.begin(lines);
    if (lost) this.log.note(this.setting.words.expired);
    for (const [turn] of this.#own) this.#own.set(turn, this.log.own(turn.question.title)); // asked before it began
  }

  /**
   * @param {Turn} turn
   * @param {ChatReply} served
   */
  answered(turn, { reply, notice }) {
    this.#calm();
    const own = this.#own.get(turn);
    this.#own.delete(turn);
    this.log.answer(own, reply, notice, !this.#own.size);
    keep({ draft: this.composer.text });
    const entries = reply.answers.map(({ id }) => id);
    this.#tell("madoguchi-answer", { kind: reply.kind, entries });
  }

  /**
   * @param {Turn | undefined} turn
   * @param {Pause} pause
   */
  paused(turn, { trouble, seconds, now }) {
    const { words } = this.setting;
    const what = `${trouble.message || words.offline}${fill(words.retrySoon, { n: seconds })}`;
    const edit = turn && make("button", { type: "button", class: "quiet", onclick: () => this.#edit(turn) }, words.edit);
    const retry = make("button", { type: "button", onclick: () => this.#retry(now) }, words.retryNow);
    this.status.wait(false);
    this.status.tell(what);
    if (turn && !turn.question.payload && !this.composer.text) keep({ draft: turn.question.title }); // for a reload
    this.log.fail(turn && this.#own.get(turn), what, [retry, edit, contactCard(this.#contact, words, this.#info?.open_now)]);
  }

  /**
   * @param {Turn | undefined} turn
   * @param {Trouble} trouble
   */
  refused(turn, trouble) {
    this.#calm();
    if (turn) this.#edit(turn);
    this.status.trouble(trouble.message || this.setting.words.refused);
  }

  /** @param {boolean} busy */
  busy(busy) {
    if (!this.log.trouble.hasChildNodes()) this.status.wait(busy);
    this.toolbar.allowBack(!busy && Boolean(this.conversation.previous));
  }

  // -- parts ---------------------------------------------------------------------------------------------------

  /** @param {() => void} now */
  #retry(now) {
    this.#calm();
    this.status.wait(true);
    this.log.element.focus({ preventScroll: true });
    now();
  }

  /** Takes a question back into the field, so that not a word has to be typed again. @param {Turn} turn */
  #edit(turn) {
    turn.stop.abort();
    this.#calm();
    this.#own.get(turn)?.remove();
    this.#own.delete(turn);
    if (!turn.question.payload && !this.composer.text) this.composer.text = turn.question.title;
    this.log.offer(this.conversation.lines.at(-1)?.reply ?? undefined);
    this.composer.field.focus();
  }

  /** Nothing is wrong any more. */
  #calm() {
    this.status.tell("");
    this.log.calm();
  }

  get #contact() {
    return this.#info?.contact ?? this.setting.words.contact;
  }

  async #refresh() {
    try {
      this.#info = await this.server.info();
      this.composer.limit = this.#info.max_length;
    } catch {
      this.#info = undefined; // the number is known without the server; whether it is answered now is not
    }
  }

  /**
   * @param {string} name
   * @param {object} detail holds no word the resident typed
   */
  #tell(name, detail) {
    this.setting.host.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /**
   * @param {Words} words
   * @param {string} lang
   */
  #frame(words, lang) {
    const close = make("button", { type: "button", class: "close", onclick: () => this.setting.close() });
    close.append(icon("close"), make("span", {}, words.close));
    const panel = make(
      "section",
      { class: "panel", role: "dialog", "aria-labelledby": "title", lang, hidden: true },
      make("div", { class: "top" }, make("header", {}, this.title, close), this.toolbar.element),
      this.log.element,
      make("div", { class: "foot" }, this.status.element, this.composer.element),
    );
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.setting.close();
    });
    // Shortcuts of the page see the element as their target, not the field: they would swallow letters typed in it.
    for (const type of ["keydown", "keypress", "keyup"]) panel.addEventListener(type, (event) => event.stopPropagation());
    return onTop(panel);
  }
}
