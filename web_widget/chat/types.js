/** @import { Trouble } from "./server.js" */

/**
 * Types that several modules share; the browser never loads this file.
 *
 * What travels between the server and the widget (bot/web/chat_api.py):
 *
 * @typedef {typeof import("../locales/ja.js").default & {lang: string}} Words
 * @typedef {{label: string, url: string}} Link
 * @typedef {{title: string, payload: string}} Choice
 * @typedef {{question: string, text: string, links: Link[]}} Worded
 * @typedef {Worded & {id: string, lang: string, easy: Worded | null}} Answer
 * @typedef {{kind: "answer" | "choices" | "fallback", text: string, answers: Answer[], choices: Choice[],
 *   contact: string}} Reply
 * @typedef {{conversation: string, lang: string, renewed: boolean, reply: Reply}} ChatReply
 * @typedef {{at: string, said: string | null, title?: string, reply: Reply | null, lang: string}} Line
 * @typedef {{conversation: string, lang: string, lines: Line[]}} Transcript
 * @typedef {{languages: Record<string, string>, topics: Choice[], contact: string, open_now: boolean,
 *   max_length: number}} Info
 *
 * One thing the resident sent: `title` is what the bubble shows, `payload` is set if a button was pressed.
 * @typedef {{title: string, payload?: string}} Question
 *
 * What the parts of the panel give each other:
 *
 * @typedef {{element: HTMLElement, show: (focus: boolean) => void, hide: () => void,
 *   speak?: (lang: string) => void}} Shown
 *
 * @typedef {object} Setting
 * @property {HTMLElement} host the custom element
 * @property {ShadowRoot} root
 * @property {Promise<Response>} css the style sheet, asked for together with this code
 * @property {string} here where our files came from
 * @property {Words} words
 * @property {() => void} close
 * @property {(words: Words) => void} say the language has changed
 *
 * A question on its way; `stop` gives it up.
 * @typedef {{question: Question, stop: AbortController}} Turn
 *
 * @typedef {object} View
 * @property {(lines: Line[], lang: string, lost: boolean) => Promise<void>} begun `lost`: an older conversation had expired
 * @property {(turn: Turn, line: Line, renewed: boolean) => Promise<void>} answered
 * @property {(turn: Turn | undefined, pause: Pause) => void} paused it will be tried again
 * @property {(turn: Turn | undefined, trouble: Trouble) => void} refused it will not be tried again
 * @property {(busy: boolean) => void} busy
 *
 * @typedef {object} Deeds
 * @property {() => void} back
 * @property {() => void} restart
 * @property {() => Promise<Node>} phone makes the card anew: the hours may have ended since
 * @property {(size: number) => void} resize
 * @property {() => void} print
 * @property {() => void} save
 * @property {() => Record<string, string>} languages that can be chosen, each by its own name
 * @property {(lang: string) => void} speak
 *
 * @typedef {object} Hands what the log asks others to do
 * @property {(choice: Choice) => void} choose
 * @property {(entry: string, helpful: boolean, reason: string) => void} rate
 * @property {(entry: string) => boolean} rated
 *
 * @typedef {object} Desk what the composer hands on
 * @property {(text: string) => void} send
 * @property {(choice: Choice) => void} pick
 * @property {(typed: string, signal: AbortSignal) => Promise<Choice[]>} suggest
 * @property {(text: string) => void} draft the text has changed
 *
 * @typedef {{trouble: Trouble, seconds: number, now: () => void}} Pause
 */
export {};
