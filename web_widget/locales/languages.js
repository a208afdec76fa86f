/** Each language by its own name: one line and one file add one. @type {Record<string, string>} */
export const languages = {
  ja: "日本語",
  en: "English",
  "zh-Hans": "简体中文",
  "zh-Hant": "繁體中文",
  ko: "한국어",
  es: "Español",
  vi: "Tiếng Việt",
  pt: "Português",
};

/** As the server's `supported()`. @param {string} tag of a page, `pt-BR` */
export function nearest(tag) {
  const [short] = tag.trim().toLowerCase().split("-");
  if (short === "zh") return /hant|tw|hk|mo/i.test(tag) ? "zh-Hant" : "zh-Hans";
  return short in languages ? short : short ? "en" : "ja";
}

/** @param {string} lang */
const words = async (lang) => ({ lang, ...(await import(`./${lang}.js`)).default });

/** English, if its file is missing. @param {string} lang */
export const load = (lang) => words(lang).catch(() => words("en"));
