// The words of the editor in the language of its author, which the page brings
// along: those of web/texts/admin that begin with "editor.".
const language = document.documentElement.lang || "en";
const texts = JSON.parse(document.getElementById("editor-texts")?.textContent || "{}");
const forms = new Intl.PluralRules(language);

/** The language for formats of Intl, with the digits that the program writes in all languages. */
export const locale = language + "-u-nu-latn";
const number = new Intl.NumberFormat(locale);

/**
 * Returns a text in pieces, for arguments that are elements. Numbers are written
 * as the language does; the first argument chooses the plural form.
 */
export function pieces(key, ...args) {
  let found = texts[key] ?? key;
  if (typeof found === "object") found = found[forms.select(args[0])] ?? found.other;
  const argument = (arg) => (typeof arg === "number" ? number.format(arg) : arg);
  return found.split(/(\{[1-9]\})/).map((piece) => (/^\{[1-9]\}$/.test(piece) ? argument(args[piece[1] - 1]) : piece));
}

/** Returns a text with its arguments: words, or numbers. */
export const text = (key, ...args) => pieces(key, ...args).join("");
