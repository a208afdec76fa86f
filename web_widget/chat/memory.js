/**
 * What outlives a page, in one tab. A duplicated tab copies it; a lock on the conversation tells it to start one of its
 * own (without locks, on http, it is trusted).
 */

const KEY = "madoguchi-chat"; // widget.js reads `lang` and `open` under it
// `wish`: a language the resident picked and the server doesn't know of yet. `easy`: plain Japanese or not, if chosen.
const NOTHING = {
  id: "", lang: "", wish: "", open: false, draft: "", size: 0, easy: /** @type {boolean | null} */ (null), rated: /** @type {string[]} */ ([]),
};
const PATIENCE = 400; // ms; the page that is being left lets go of its lock

/** @type {typeof NOTHING | undefined} */
let kept;
/** @type {(() => void) | undefined} */
let letGo;

/** @returns {Readonly<typeof NOTHING>} */
export function recall() {
  return (kept ??= stored());
}

/** @param {Partial<typeof NOTHING>} changed */
export function keep(changed) {
  kept = { ...recall(), ...changed };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // blocked or full: the conversation ends with the page
  }
}

function stored() {
  try {
    return { ...NOTHING, ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
  } catch {
    return NOTHING;
  }
}

/** Claims a conversation for this tab; false if another tab has it. @param {string} id @returns {Promise<boolean>} */
export function claim(id) {
  letGo?.();
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const hold = () => new Promise((release) => {
      letGo = () => release(undefined);
      resolve(true);
    });
    const options = { signal: AbortSignal.timeout(PATIENCE) };
    navigator.locks.request(`${KEY}-${id}`, options, hold).catch(() => resolve(false));
  });
}

// A held lock keeps a page out of the back/forward cache.
addEventListener("pagehide", () => letGo?.());
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && recall().id) void claim(recall().id);
});
