/** Where panel and launcher stand: above a phone's keyboard, and never over what has the focus on the page (WCAG 2.4.11). */

/** The panel fills the screen; keep in step with chat.css. */
const FULL = matchMedia("(max-width: 47.99rem)");

const GAP = 12; // px between the launcher and what has the focus

/**
 * Follows the visible part of the page: `dvh` knows nothing of the keyboard on iOS.
 * @param {HTMLElement} panel
 * @returns {() => void} ends it
 */
export function followViewport(panel) {
  const seen = window.visualViewport;
  if (!seen) return () => {};
  const fit = () => {
    const follow = FULL.matches && seen.scale < 1.1; // not enlarged with two fingers
    panel.style.setProperty("--_top", follow ? `${seen.offsetTop}px` : "");
    panel.style.setProperty("--_height", follow ? `${seen.height}px` : "");
  };
  fit();
  seen.addEventListener("resize", fit);
  seen.addEventListener("scroll", fit);
  return () => {
    seen.removeEventListener("resize", fit);
    seen.removeEventListener("scroll", fit);
  };
}

/**
 * The panel is not modal: Tab leaves it. What it leads to must be visible, so the panel makes way.
 * @param {HTMLElement} host
 * @param {HTMLElement} panel
 * @param {() => void} makeWay
 * @returns {() => void} ends it
 */
export function watchFocus(host, panel, makeWay) {
  /** @param {FocusEvent} event */
  const onFocus = ({ target }) => {
    if (!(target instanceof Element) || target === host || target === document.body) return;
    const inner = target.getBoundingClientRect();
    const outer = panel.getBoundingClientRect();
    const hidden =
      inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom;
    if (hidden || FULL.matches) makeWay();
  };
  document.addEventListener("focusin", onFocus);
  return () => document.removeEventListener("focusin", onFocus);
}

/**
 * The launcher moves up above what has the focus, and back later.
 * @param {HTMLElement | undefined} launcher
 * @param {EventTarget | null} target what has the focus now
 */
export function stepAside(launcher, target) {
  launcher?.style.removeProperty("--_lift");
  if (!launcher || launcher.hidden || !(target instanceof Element)) return;
  const own = launcher.getBoundingClientRect();
  const other = target.getBoundingClientRect();
  const apart = other.right < own.left || other.left > own.right || other.bottom < own.top || other.top > own.bottom;
  const lift = own.bottom - other.top + GAP;
  // A target as high as the page needs no room.
  if (!apart && own.top > lift) launcher.style.setProperty("--_lift", `${-lift}px`);
}
