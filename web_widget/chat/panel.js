/** Puts the parts together and shows what happens in the conversation. Loaded when it is first opened. */

import { onTop, toggle } from "../launcher/launcher.js";
import { languages, load } from "../locales/languages.js";
import { Composer, Status } from "./composer.js";
import { Conversation } from "./conversation.js";
import { Log } from "./log.js";
import { keep, recall } from "./memory.js";
import { icon, join, make, phrase, said, speak, tongue, words } from "./nodes.js";
import { contactCard } from "./reply.js";
import { followViewport, watchFocus } from "./screen.js";
import { Server } from "./server.js";
import { Toolbar } from "./toolbar.js";
import { print, save } from "./transcript.js";

/** @import { Trouble } from "./server.js" */
/** @import { Info, Line, Pause, Question, Setting, Turn } from "./types.js" */

/** Fails, for the launcher to tell, if the style sheet can't be had. @param {Setting} setting */
export async function createPanel(setting) {
  const { root } = setting;
  const response = await setting.css;
  if (!response.ok) throw new Error(`chat.css: ${response.status}`);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await response.text());
  root.adoptedStyleSheets.push(sheet);
  return new Panel(setting);
}

const LANG = "/lang/";

class Panel {
  /** @type {Map<Turn, HTMLElement>} */
  #own = new Map();
  /** @type {Info | undefined} */
  #info;
  /** @type {(() => void)[]} */
  #endings = [];
  /** @type {[Turn | undefined, Pause] | undefined} what is wrong now */
  #trouble;
  #dressing = Promise.resolve();
  #untold = false; // that the language has changed

  /** @param {Setting} setting */
  constructor(setting) {
    const { host, here } = setting;
    this.setting = setting;
    speak(setting.words, setting.root);
    this.server = new Server(new URL(host.getAttribute("server") ?? here, location.href).href.replace(/\/?$/, "/"), words.lang);
    this.conversation = new Conversation(this.server, this);
    this.status = new Status();
    this.log = new Log({
      choose: (choice) => this.ask(choice),
      rate: (entry, helpful, reason) => this.conversation.rate({ entry, helpful, reason }),
      rated: (entry) => recall().rated.includes(entry),
    });
    this.composer = new Composer(this.status, {
      send: (title) => this.ask({ title }),
      pick: (choice) => this.ask(choice),
      suggest: (typed, signal) => this.server.suggest(typed, signal),
      draft: (draft) => keep({ draft }),
    });
    this.toolbar = new Toolbar({
      back: () => this.#back(),
      restart: () => this.#restart(),
      phone: () => this.#phone(),
      resize: (size) => this.#resize(size),
      print: () => print(this.conversation.lines, setting.root),
      save: () => save(this.conversation.lines),
      languages: () => this.#info?.languages ?? languages,
      speak: (lang) => this.speak(lang),
    });
    this.title = said("h2", "title", { id: "title", tabindex: -1 });
    this.element = this.#frame();
    setting.root.append(this.element);
    this.#resize(recall().size);
    this.composer.text = recall().draft;
    this.composer.speak();
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

  // -- what the resident does --

  /** @param {Question} question */
  ask(question) {
    this.toolbar.close();
    const lang = question.payload?.startsWith(LANG) ? question.payload.slice(LANG.length) : "";
    if (lang) {
      keep({ wish: lang });
      this.#follow(lang);
    }
    const turn = this.conversation.ask(question);
    this.#own.set(turn, this.log.own(question.title, this.server.lang));
  }

  /** The last answer comes again in another language. @param {string} lang */
  speak(lang) {
    if (lang !== this.server.lang) this.ask({ title: languages[lang], payload: LANG + lang });
  }

  #back() {
    const { previous, idle } = this.conversation;
    if (previous && idle) this.ask({ title: words.back, payload: previous });
  }

  #restart() {
    this.toolbar.close();
    this.#own.clear();
    this.log.clear();
    this.composer.text = "";
    this.conversation.restart();
  }

  async #phone() {
    await this.#refresh();
    return this.#card();
  }

  /** @param {number} size */
  #resize(size) {
    this.element.dataset.size = String(size);
    keep({ size });
  }

  // -- what happens in the conversation (its View) --

  /** @param {Line[]} lines @param {string} lang @param {boolean} lost */
  async begun(lines, lang, lost) {
    const { wish } = recall();
    if (!wish) this.#follow(lang);
    await this.#dressing;
    this.#calm();
    this.log.begin(lines);
    if (lost) this.log.excuse();
    for (const [turn] of this.#own) this.#own.set(turn, this.log.own(turn.question.title, lang)); // asked before it began
    if (wish === lang) keep({ wish: "" });
    else if (wish && !this.#own.size) this.ask({ title: languages[wish], payload: LANG + wish });
  }

  /** @param {Turn} turn @param {Line} line @param {boolean} renewed */
  async answered(turn, line, renewed) {
    const { said: asked, reply, lang } = line;
    if (asked?.startsWith(LANG)) keep({ wish: "" });
    if (!recall().wish) this.#follow(lang); // they typed in another language
    await this.#dressing;
    if (turn.stop.signal.aborted || !reply) return;
    this.#calm();
    if (this.#untold) this.status.tell(words.switched ?? languages[lang]);
    this.#untold = false;
    const own = this.#own.get(turn);
    this.#own.delete(turn);
    this.log.answer(own, line, renewed, !this.#own.size);
    keep({ draft: this.composer.text });
    const entries = reply.answers.map(({ id }) => id);
    this.#tell("madoguchi-answer", { kind: reply.kind, entries });
  }

  /** @param {Turn | undefined} turn @param {Pause} pause */
  paused(turn, pause) {
    const { trouble, seconds, now } = pause;
    this.#trouble = [turn, pause];
    const what = join([this.#why(trouble), phrase("retrySoon", { n: seconds })]);
    const edit = turn && make("button", { type: "button", class: "quiet", onclick: () => this.#edit(turn) }, said("span", "edit"));
    const retry = make("button", { type: "button", onclick: () => this.#retry(now) }, said("span", "retryNow"));
    this.status.wait(false);
    this.status.tell(what);
    if (turn && !turn.question.payload && !this.composer.text) keep({ draft: turn.question.title }); // for a reload
    this.log.fail(turn && this.#own.get(turn), what, [retry, edit, this.#card()]);
  }

  /** @param {Turn | undefined} turn @param {Trouble} trouble */
  refused(turn, trouble) {
    this.#calm();
    if (turn) this.#edit(turn);
    this.status.trouble(this.#why(trouble));
  }

  /** @param {boolean} busy */
  busy(busy) {
    if (!this.log.trouble.hasChildNodes()) this.status.wait(busy);
    this.toolbar.allowBack(!busy && Boolean(this.conversation.previous));
  }

  // -- parts --

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
    this.log.offer(this.conversation.lines.at(-1));
    this.composer.field.focus();
  }

  /** The server's explanation, if it is in the language of the moment. @param {Trouble} trouble */
  #why({ message, status }) {
    const { lang, offline, refused } = words;
    return message && tongue(message, lang) === lang ? message : status ? refused : offline;
  }

  /** The panel goes over to a language; what was typed and the focus stay. @param {string} lang */
  #follow(lang) {
    if (lang === this.server.lang) return;
    this.server.lang = lang;
    this.#untold = true;
    keep({ lang });
    this.#dressing = this.#dress(lang).catch(() => {}); // its words can't be had: the old ones stay
  }

  /** @param {string} lang */
  async #dress(lang) {
    const chosen = await load(lang);
    if (lang !== this.server.lang) return; // there was another one meanwhile
    this.toolbar.close();
    this.composer.suggestions.close();
    this.log.hush();
    speak(chosen, this.element);
    this.element.lang = words.lang;
    this.composer.speak();
    this.#info &&= { ...this.#info, contact: words.contact };
    if (this.#trouble) this.paused(...this.#trouble);
    this.setting.say(chosen);
    void this.#refresh();
  }

  /** Nothing is wrong any more. */
  #calm() {
    this.#trouble = undefined;
    this.status.tell("");
    this.log.calm();
  }

  #card() {
    return contactCard(this.#info?.contact ?? words.contact, words.lang, this.#info?.open_now);
  }

  async #refresh() {
    try {
      this.#info = await this.server.info();
      this.composer.limit = this.#info.max_length;
      this.toolbar.language.hidden = Object.keys(this.#info.languages).length < 2;
    } catch {
      this.#info = undefined;
    }
  }

  /** @param {string} name @param {object} detail holds no word the resident typed */
  #tell(name, detail) {
    this.setting.host.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #frame() {
    const onclick = () => this.setting.close();
    const close = make("button", { type: "button", class: "close", onclick }, icon("close"), said("span", "close"));
    const panel = make(
      "section",
      { class: "panel", role: "dialog", "aria-labelledby": "title", lang: words.lang, hidden: true },
      make("div", { class: "top" }, make("header", {}, this.title, this.toolbar.language, close), this.toolbar.element),
      this.log.element,
      make("div", { class: "foot" }, this.status.element, this.composer.element),
    );
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.setting.close();
    });
    // Shortcuts of the page would swallow letters typed here.
    for (const type of ["keydown", "keypress", "keyup"]) panel.addEventListener(type, (event) => event.stopPropagation());
    return onTop(panel);
  }
}
