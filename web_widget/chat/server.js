/** Talks to the server's `/api/v1/`. Every failure is a `Trouble`. */

/** @import { ChatReply, Choice, Info, Pause, Question, Transcript } from "./types.js" */

const TIMEOUT = 20_000; // ms
const LONGEST = 30; // seconds
const UNSAID = 10; // seconds; we may not read Retry-After from another origin

export class Trouble extends Error {
  /** @param {string} message for the resident @param {number} status 0: nothing came back @param {number} wait seconds to wait */
  constructor(message, status, wait = 0) {
    super(message);
    this.status = status;
    this.wait = wait;
  }

  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The server may have taken the message although its answer never arrived. */
  get unsure() {
    return this.status === 0 || this.status === 500 || this.status === 502 || this.status === 504;
  }
}

export class Server {
  /** @param {string} address with a slash at its end @param {string} lang of the conversation; it may change */
  constructor(address, lang) {
    this.api = `${address}api/v1/`;
    this.lang = lang;
  }

  /** @returns {Promise<Info>} */
  info() {
    return this.#call(`info?lang=${this.lang}`);
  }

  /** @param {AbortSignal} signal @returns {Promise<ChatReply>} */
  start(signal) {
    return this.#call("conversations", {}, signal);
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<Transcript>} */
  resume(id, signal) {
    return this.#call(`conversations/${id}`, undefined, signal);
  }

  /** @param {string} id @param {Question} question @param {AbortSignal} signal @returns {Promise<ChatReply>} */
  ask(id, { title, payload }, signal) {
    if (payload) return this.#call(`conversations/${id}/choices`, { payload }, signal);
    return this.#call(`conversations/${id}/messages`, { message: title }, signal);
  }

  /** @param {string} id @param {{entry: string, helpful: boolean, reason: string}} rating @returns {Promise<ChatReply>} */
  rate(id, rating) {
    return this.#call(`conversations/${id}/ratings`, rating);
  }

  /** @param {string} typed @param {AbortSignal} signal @returns {Promise<Choice[]>} */
  async suggest(typed, signal) {
    const query = new URLSearchParams({ q: typed, lang: this.lang });
    return (await this.#call(`suggestions?${query}`, undefined, signal)).suggestions;
  }

  /** @param {string} path @param {object} [body] @param {AbortSignal} [signal] @returns {Promise<any>} */
  async #call(path, body, signal) {
    signal?.throwIfAborted();
    const stop = new AbortController();
    const end = () => stop.abort();
    const timer = setTimeout(end, TIMEOUT);
    signal?.addEventListener("abort", end);
    try {
      const response = await fetch(this.api + path, {
        method: body ? "POST" : "GET",
        headers: { "accept-language": this.lang, ...(body && { "content-type": "application/json" }) }, // of errors
        body: body && JSON.stringify({ lang: this.lang, page: location.pathname.slice(0, 200), ...body }), // a new conversation begins with these, also one that had expired
        credentials: "omit",
        keepalive: path.endsWith("/ratings"), // also while leaving the page
        signal: stop.signal,
      });
      if (response.ok) return await response.json();
      throw await refusal(response);
    } catch (error) {
      if (error instanceof Trouble || signal?.aborted) throw error;
      throw new Trouble("", 0);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    }
  }
}

/** @param {Response} response @returns {Promise<Trouble>} */
async function refusal(response) {
  const wait = Number(response.headers.get("retry-after")) || 0;
  const body = await response.json().catch(() => ({}));
  return new Trouble(String(body.error?.message ?? ""), response.status, wait);
}

/**
 * Tries again until it works: after 1, 2, 4 … 30 seconds, when the network comes back, or when the resident says so.
 * @template T
 * @param {(before: Trouble | undefined) => Promise<T>} attempt is told what went wrong before
 * @param {(pause: Pause) => void} onPause
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
export async function retry(attempt, onPause, signal) {
  /** @type {Trouble | undefined} */
  let before;
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt(before);
    } catch (error) {
      if (signal.aborted || !(error instanceof Trouble) || !error.passing) throw error;
      before = error;
      await pause(error, secondsBefore(error, failures), onPause, signal);
    }
  }
}

/** @param {Trouble} trouble @param {number} failures */
function secondsBefore(trouble, failures) {
  const asked = trouble.wait || (trouble.status === 429 ? UNSAID : 0);
  return Math.max(asked, Math.min(LONGEST, 2 ** failures));
}

/**
 * @param {Trouble} trouble
 * @param {number} seconds
 * @param {(pause: Pause) => void} onPause
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(trouble, seconds, onPause, signal) {
  return new Promise((resolve, reject) => {
    // A thousand widgets must not come back in the same instant.
    const timer = setTimeout(go, seconds * 1000 * (1 + Math.random() / 5));
    const finish = () => {
      clearTimeout(timer);
      removeEventListener("online", go);
      signal.removeEventListener("abort", stop);
    };
    function go() {
      finish();
      resolve();
    }
    function stop() {
      finish();
      reject(signal.reason);
    }
    addEventListener("online", go);
    signal.addEventListener("abort", stop);
    onPause({ trouble, seconds, now: go });
  });
}
