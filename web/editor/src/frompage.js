// Rich text to Markdown: turndown, with what it does not know about tables,
// footnotes, and how word processors say bold.
import Turndown from "turndown";
import { writeTable } from "./tables.js";

// Markup is only ever parsed into a document of its own, in which nothing runs
// or loads; of that document the editor takes text. Browsers complain there of
// attributes that the content security policy refuses, so they get other names.
const policy = globalThis.trustedTypes?.createPolicy("broadsheet-paste", { createHTML: (markup) => markup });
const quiet = (markup) => markup.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(style|on\w+)(?=\s*=)/gi, " data-$1"));
const parse = (markup) => new DOMParser().parseFromString(policy ? policy.createHTML(quiet(markup)) : quiet(markup), "text/html");

const style = (element) => element.getAttribute("data-style")?.replaceAll(" ", "").toLowerCase() ?? "";
const isBold = (element) => /font-weight:(bold|[6-9]00)/.test(style(element));
const isItalic = (element) => /font-style:italic/.test(style(element));
const isTag = (...names) => (node) => names.includes(node.nodeName.toLowerCase());
const marked = (mark) => (content) => {
  const [, before, inner, after] = /^(\s*)([^]*?)(\s*)$/.exec(content);
  return inner ? before + mark + inner + mark + after : content;
};

const turndown = new Turndown({ headingStyle: "atx", hr: "---", bulletListMarker: "-", codeBlockStyle: "fenced", emDelimiter: "*" });
turndown.remove(["script", "style", "meta", "link", "title", "noscript", "template", "button", "form", "select", "iframe", "object", "svg"]);
turndown.addRule("struck", { filter: ["del", "s", "strike"], replacement: marked("~~") });
// Google Docs puts all that is pasted in a <b> that is not bold.
turndown.addRule("bold", {
  filter: (node) => isTag("b", "strong")(node) || (isTag("span")(node) && isBold(node)),
  replacement: (content, node) => (/font-weight:normal/.test(style(node)) ? content : isItalic(node) ? marked("***")(content) : marked("**")(content)),
});
turndown.addRule("italic", { filter: (node) => isTag("span")(node) && isItalic(node) && !isBold(node), replacement: marked("*") });
turndown.addRule("image", {
  filter: "img",
  // A picture that is not on the web cannot be linked to; what it shows is kept.
  replacement: (_, node) => {
    const [alt, src] = [(node.getAttribute("alt") ?? "").replace(/\s+/g, " "), node.getAttribute("src") ?? ""];
    return /^(https?:|\/)/.test(src) ? `![${alt}](${src.replaceAll(" ", "%20")})` : alt;
  },
});
turndown.addRule("link", {
  filter: (node) => isTag("a")(node) && !/^(https?:|mailto:|\/(?!\/))/i.test(node.getAttribute("href") ?? ""),
  replacement: (content) => content, // within the page it was taken from, or one that runs
});
turndown.addRule("box", { filter: (node) => isTag("input")(node) && node.type === "checkbox", replacement: (_, node) => (node.hasAttribute("checked") ? "[x] " : "[ ] ") });
turndown.addRule("table", {
  filter: "table",
  replacement: (_, node) => {
    const rows = [...node.rows].map((row) =>
      [...row.cells].flatMap((cell) => [cellText(cell), ...Array(Math.min(50, cell.colSpan) - 1).fill("")]),
    );
    const columns = Math.max(0, ...rows.map((cells) => cells.length));
    if (columns === 0) return "";
    if (columns === 1) return "\n\n" + rows.flat().join("\n\n") + "\n\n"; // made for looks
    const align = (cell) => ({ left: 1, right: 2, center: 3 })[cell.align || /text-align:(\w+)/.exec(style(cell))?.[1]] ?? 0;
    return `\n\n${writeTable(rows, [...node.rows[0].cells].map(align)).text}\n\n`;
  },
});
const cellText = (cell) => turndown.turndown(cell.cloneNode(true)).replace(/\s*\n\s*/g, " ").replace(/(?<!\\)\|/g, "\\|").trim();

const note = /^\s*[[(]?(\d{1,4}|[*†‡§]|[a-z]|[ivx]+)[\])]?\s*$/i;

// A link to a place within what was pasted that links back is a footnote: so
// say Google Docs, Word, Wikipedia and this program, each in its own words.
function takeFootnotes(body, first) {
  const notes = new Map(); // elements that hold a note, to their numbers
  for (const link of body.querySelectorAll('a[href*="#"]')) {
    const name = decodeURIComponent(link.hash.slice(1));
    if (!name || !note.test(link.textContent)) continue;
    const target = body.querySelector(`[id="${CSS.escape(name)}"], [name="${CSS.escape(name)}"]`);
    const holder = target?.closest("li, p, div, dd");
    if (!holder || holder.contains(link) || [...notes.keys()].some((other) => other.contains(link))) continue;
    if (!holder.querySelector('a[href*="#"]')) continue;
    if (!notes.has(holder)) notes.set(holder, first + notes.size);
    const mark = `[^${notes.get(holder)}]`;
    (link.closest("sup") ?? link).replaceWith(body.ownerDocument.createElement("fn-mark"));
    body.querySelector("fn-mark:empty").textContent = mark;
  }
  return [...notes].map(([holder, number]) => {
    for (const back of holder.querySelectorAll('a[href*="#"]')) (back.closest("sup") ?? back).remove();
    const list = holder.parentElement;
    holder.remove();
    if (list?.matches("ol, ul") && !list.children.length) list.remove();
    const text = turndown.turndown(holder).trim();
    return `[^${number}]: ${text.replace(/\n(?=.)/g, "\n    ")}`;
  });
}
turndown.addRule("footnote", { filter: (node) => isTag("fn-mark")(node), replacement: (_, node) => node.textContent });

const rich = "a[href], b, strong, em, i, h1, h2, h3, h4, h5, h6, ul, ol, table, blockquote, code, pre, img, del, s, sup, [data-style*=font-weight], [data-style*=font-style]";

/**
 * Returns the Markdown of a piece of HTML and of its footnotes, numbered from
 * first on; null where it says no more than its plain text.
 */
export function fromPage(markup, first) {
  const { body } = parse(markup);
  if (!body.querySelector(rich)) return null;
  const notes = takeFootnotes(body, first);
  const text = turndown.turndown(body).replace(/\u00a0/g, " ").replace(/[ \t]+$/gm, "").trim();
  return { text, notes };
}
