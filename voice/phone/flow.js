/** Draws a flow as boxes with their ways out, and shows where the call is. */

/** @typedef {{label: string, to: string, key: string}} Way */
/** @typedef {{id: string, title: string, kind: string, says: string, ways: Way[]}} Box */

/** @param {string} id flow/node */
const anchor = (id) => `box-${id.replace("/", "-")}`;

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} [name]
 */
export function element(tag, text, name) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name) made.className = name;
  return made;
}

/**
 * @param {HTMLElement} list
 * @param {Box[]} boxes
 */
export function draw(list, boxes) {
  const known = new Map(boxes.map((box) => [box.id, box.title]));
  list.replaceChildren(...boxes.map((box) => {
    const item = document.createElement("li");
    item.id = anchor(box.id);
    const title = element("h3", box.title);
    title.append(element("span", box.kind, "kind"));
    const ways = element("ul", "", "ways");
    ways.append(...box.ways.map((way) => drawWay(way, known)));
    item.append(title);
    if (box.says) item.append(element("p", box.says, "says"));
    if (box.ways.length) item.append(ways);
    return item;
  }));
}

/**
 * @param {Way} way
 * @param {Map<string, string>} known
 */
function drawWay(way, known) {
  const item = document.createElement("li");
  if (way.key) {
    item.append(element("kbd", way.key));
    item.dataset.key = way.key;
  }
  item.append(element("span", way.label, "label"), "→ ");
  const title = known.get(way.to);
  if (title) {
    const link = element("a", title);
    link.setAttribute("href", `#${anchor(way.to)}`);
    item.append(link);
  } else {
    item.append(element("span", way.to));
  }
  return item;
}

/**
 * @param {HTMLElement} list
 * @param {string} id flow/node; "" is nowhere
 * @param {string} choice the key of the topic that is being heard
 */
export function mark(list, id, choice) {
  for (const item of list.children) {
    const here = item.id === anchor(id);
    const was = item.getAttribute("aria-current") === "step";
    item.querySelector(".here")?.remove();
    for (const way of item.querySelectorAll("[data-key]")) {
      way.classList.toggle("taken", here && way instanceof HTMLElement && way.dataset.key === choice);
    }
    if (!here) {
      item.removeAttribute("aria-current");
      continue;
    }
    item.setAttribute("aria-current", "step");
    item.querySelector("h3")?.prepend(element("span", "いまここ", "here"));
    if (!was && matchMedia("(min-width: 64rem)").matches) item.scrollIntoView({ block: "nearest" });
  }
}
