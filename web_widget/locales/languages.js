/**
 * Languages with a locale file, each by its own name. One line and one file add one; the menu offers two or more.
 * @type {Record<string, string>}
 */
export const languages = {
  ja: "日本語",
};

/** @param {string} tag of a page, `en-GB` */
export function nearest(tag) {
  const codes = Object.keys(languages);
  return codes.find((code) => code === tag) ?? codes.find((code) => code.split("-")[0] === tag.split("-")[0]) ?? "ja";
}

/** @param {string} code */
export async function load(code) {
  return /** @type {import("../chat/types.js").Words} */ ((await import(`./${code}.js`)).default);
}
