/**
 * A conversation with the server: one question after the other, each matched to its answer. Knows no DOM, tells a view.
 */

import { claim, keep, recall } from "./memory.js";
import { Trouble, retry } from "./server.js";
import { langOf, placeBefore } from "./transcript.js";

/** @import { ChatReply, Line, Pause, Question, Transcript, Turn, View } from "./types.js" */
/** @import { Server } from "./server.js" */

export class Conversation {
  #life = new AbortController();
  #queue = Promise.resolve();
  #unanswered = 0;
  #elsewhere = 0; // questions in our lines that an expired record had
  /** @type {Line[]} */
  lines = [];

  /** @param {Server} server @param {View} view */
  constructor(server, view) {
    this.server = server;
    this.view = view;
  }

  /** Takes up the conversation of this tab, or starts one. */
  open() {
    this.#enqueue(undefined, this.#life.signal, (signal) => this.#open(signal));
  }

  end() {
    this.#life.abort();
  }

  /** Forgets everything, also what is on its way: a late answer to it will not be shown. */
  restart() {
    this.end();
    this.#life = new AbortController();
    this.#queue = Promise.resolve();
    this.#unanswered = 0;
    this.lines = [];
    keep({ id: "", rated: [], wish: "" });
    this.open();
  }

  /** @param {Question} question @returns {Turn} */
  ask(question) {
    const turn = { question, stop: new AbortController() };
    this.#life.signal.addEventListener("abort", () => turn.stop.abort());
    this.#enqueue(turn, turn.stop.signal, (signal) => this.#take(turn, signal));
    return turn;
  }

  /** Worth a few tries but no message. @param {{entry: string, helpful: boolean, reason: string}} rating */
  rate(rating) {
    const { id, rated } = recall();
    keep({ rated: [...rated, rating.entry] });
    retry(() => this.server.rate(id, rating), () => {}, this.#life.signal).catch(() => {});
  }

  get #asked() {
    return this.lines.filter((line) => line.said !== null).length;
  }

  get previous() {
    return placeBefore(this.lines);
  }

  get idle() {
    return this.#unanswered === 0;
  }

  /** @param {Turn | undefined} turn @param {AbortSignal} signal @param {(signal: AbortSignal) => Promise<void>} work */
  #enqueue(turn, signal, work) {
    const life = this.#life;
    this.#unanswered += 1;
    this.view.busy(true);
    this.#queue = this.#queue.then(async () => {
      try {
        if (!signal.aborted) await work(signal);
      } catch (error) {
        if (!signal.aborted) this.view.refused(turn, error instanceof Trouble ? error : new Trouble(String(error), 400));
      }
      if (life !== this.#life) return;
      this.#unanswered -= 1;
      this.view.busy(!this.idle);
    });
  }

  /** @param {AbortSignal} signal */
  async #open(signal) {
    /** @param {Pause} pause */
    const paused = (pause) => this.view.paused(undefined, pause);
    const { id } = recall();
    const ours = id && (await claim(id));
    if (ours) {
      const { lines, lang } = await retry(() => this.#recorded(id, signal), paused, signal);
      if (lines.length) return this.#begin(lines, lang, false);
    }
    const served = await retry(() => this.server.start(signal), paused, signal);
    this.#adopt(served);
    await this.#begin([{ at: now(), said: null, reply: served.reply, lang: served.lang }], served.lang, Boolean(ours));
  }

  /** @param {Line[]} lines @param {string} lang @param {boolean} lost */
  async #begin(lines, lang, lost) {
    this.lines = lines.map((line) => ({ ...line, lang: langOf(line, lang) }));
    this.#elsewhere = 0;
    await this.view.begun(this.lines, lang, lost);
  }

  /** @param {Turn} turn @param {AbortSignal} signal */
  async #take(turn, signal) {
    const served = await retry(
      (before) => this.#deliver(turn.question, before, signal),
      (pause) => this.view.paused(turn, pause),
      signal,
    );
    const { title, payload } = turn.question;
    if (served.renewed) this.#elsewhere = this.#asked;
    this.#adopt(served);
    const line = { at: now(), said: payload ?? title, title, reply: served.reply, lang: served.lang };
    this.lines.push(line);
    await this.view.answered(turn, line, served.renewed);
  }

  /**
   * Sends a question. If an earlier try may have arrived, looks into the record first: asking twice would answer twice.
   * @param {Question} question
   * @param {Trouble | undefined} before
   * @param {AbortSignal} signal
   * @returns {Promise<ChatReply>}
   */
  async #deliver(question, before, signal) {
    const { id } = recall();
    if (before?.unsure) {
      const known = this.#asked - this.#elsewhere;
      const { lines, lang } = await this.#recorded(id, signal);
      const unknown = lines.filter((line) => line.said !== null).slice(known);
      const found = unknown.reverse().find((line) => line.said === (question.payload ?? question.title));
      if (found?.reply) return { conversation: id, lang, renewed: false, reply: found.reply };
    }
    return this.server.ask(id, question, signal);
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<Transcript>} without lines if the conversation is over */
  async #recorded(id, signal) {
    try {
      return await this.server.resume(id, signal);
    } catch (error) {
      if (error instanceof Trouble && [404, 422].includes(error.status)) return { conversation: "", lang: "", lines: [] };
      throw error;
    }
  }

  /** @param {ChatReply} served */
  #adopt({ conversation }) {
    if (conversation === recall().id) return;
    keep({ id: conversation, lang: this.server.lang, rated: [] });
    void claim(conversation);
  }
}

function now() {
  return new Date().toISOString();
}
