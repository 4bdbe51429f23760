// What pasting makes of the clipboard: a table of a sheet's cells, Markdown of
// rich text, and of all else the text as it is.
import { EditorView } from "@codemirror/view";
import { lastFootnote } from "./footnotes.js";
import { fromPage } from "./frompage.js";
import { verbatimIn } from "./syntax.js";
import { writeTable } from "./tables.js";

/** Reads cells separated by tabs, quoted where they hold breaks, as sheets write them; null if it is none. */
export function readCells(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.replace(/\r\n?/g, "\n").matchAll(/(?:"((?:[^"]|"")*)"|([^\t\n]*))(\t|\n|$)/g)) {
    rows.at(-1).push((quoted?.replaceAll('""', '"') ?? plain).replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|").trim());
    if (end === "\n") rows.push([]);
    if (end === "") break;
  }
  while (rows.length && rows.at(-1).every((cell) => cell === "")) rows.pop();
  const columns = rows[0]?.length ?? 0;
  return columns > 1 && rows.length > 1 && rows.every((cells) => cells.length === columns) ? rows : null;
}

const isNumber = (text) => /^[-+−]?[\d.,\s]*\d\s*[%€$£]?$/.test(text);

function tableOf(rows) {
  const aligns = rows[0].map((_, c) => (rows.slice(1).every((cells) => isNumber(cells[c])) ? 2 : 0));
  return writeTable(rows, aligns).text;
}

function insert(view, text, notes = []) {
  const { state } = view;
  const { from, to } = state.selection.main;
  const isBlock = text.includes("\n");
  const line = state.doc.lineAt(from);
  const before = isBlock && state.sliceDoc(line.from, from).trim() ? "\n\n" : "";
  const after = isBlock && state.sliceDoc(to, state.doc.lineAt(to).to).trim() ? "\n\n" : "";
  const changes = [{ from, to, insert: before + text + after }];
  if (notes.length) {
    const end = Math.max(to, state.doc.length);
    changes.push({ from: end, insert: "\n\n" + notes.join("\n") });
  }
  view.dispatch({
    changes,
    selection: { anchor: from + before.length + text.length },
    userEvent: "input.paste",
    scrollIntoView: true,
  });
}

export const paste = EditorView.domEventHandlers({
  paste(event, view) {
    const { clipboardData } = event;
    const text = clipboardData.getData("text/plain");
    if (verbatimIn(view.state)(view.state.selection.main.from)) return false;
    // An address on a selection makes a link of it, which lang-markdown does.
    if (!view.state.selection.main.empty && /^\S+$/.test(text.trim())) return false;
    const cells = readCells(text);
    if (cells) {
      event.preventDefault();
      insert(view, tableOf(cells));
      return true;
    }
    const markup = clipboardData.getData("text/html");
    // Programmers' editors colour what they copy, which is Markdown or code all the same.
    if (!markup || clipboardData.types.includes("vscode-editor-data")) return false;
    const page = fromPage(markup, lastFootnote(view.state) + 1);
    if (!page) return false;
    event.preventDefault();
    insert(view, page.text, page.notes);
    return true;
  },
});
