/** The button that opens the panel, and what stands in for it if its code can't be loaded. */

/** @import { Words } from "../chat/types.js" */

const SVG = "http://www.w3.org/2000/svg";

/** A speech bubble with a car. */
const DRAWING = {
  ground: "M24 5C12.4 5 4 12 4 21c0 5 2.7 9.3 7 12.1L9.5 42l9.2-5.5c1.7.3 3.5.5 5.3.5 11.6 0 20-7 20-16S35.6 5 24 5Z",
  mark: "M14.5 24.5v-2.8l2.3-5.3c.4-.9 1.2-1.4 2.2-1.4h10c1 0 1.8.5 2.2 1.4l2.3 5.3v7h-3.5v-2.2H18v2.2h-3.5ZM17.5 21h13M18.3 24.2h1.2M28.5 24.2h1.2",
};

/** @param {string | null} address of a picture to use instead of ours */
export function drawing(address) {
  if (address) return Object.assign(new Image(), { alt: "", src: address });
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 48 48");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, d] of Object.entries(DRAWING)) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** @param {string | null} icon @param {() => void} open */
export function launcherButton(icon, open) {
  const launcher = onTop(button("", open));
  launcher.className = "launcher";
  launcher.ariaHasPopup = "dialog";
  launcher.ariaExpanded = "false"; // hidden while open
  launcher.prepend(drawing(icon));
  return launcher;
}

/** @param {HTMLElement} launcher @param {Words} words */
export function label(launcher, words) {
  launcher.lang = words.lang;
  launcher.replaceChildren(/** @type {Node} */ (launcher.firstChild), words.launcher);
}

/** @param {Words} words @param {() => void} retry @param {() => void} close */
export function failurePanel(words, retry, close) {
  const panel = onTop(document.createElement("section"));
  panel.className = "panel failed";
  panel.role = "dialog";
  panel.ariaLabel = words.title;
  panel.tabIndex = -1;
  panel.lang = words.lang;
  const text = document.createElement("p");
  text.append(words.panelFailed, document.createElement("br"), words.contact);
  panel.append(text, button(words.tryAgain, retry), button(words.close, close));
  panel.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  return panel;
}

/** @param {string} label @param {() => void} press */
function button(label, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.append(label);
  made.addEventListener("click", press);
  return made;
}

/** Above every z-index and `transform` of the page. @template {HTMLElement} Kind @param {Kind} element */
export function onTop(element) {
  if ("popover" in element) element.popover = "manual";
  return element;
}

/** @param {HTMLElement} element @param {boolean} shown */
export function toggle(element, shown) {
  element.hidden = !shown;
  if (element.isConnected && element.popover) element.togglePopover(shown);
}
