// Help with tables: from cell to cell by Tab, more rows and columns, columns
// that stand in line.
import { syntaxTree } from "@codemirror/language";
import { block } from "./format.js";

/** Splits a row into the texts of its cells; "\|" and code hold no borders. */
export function splitRow(text) {
  const cells = [""];
  let code = 0;
  for (const [part] of text.trim().matchAll(/\\.|`+|[^\\`|]+|\||\\/g)) {
    if (part[0] === "`") code = code === 0 ? part.length : code === part.length ? 0 : code;
    if (part === "|" && code === 0) cells.push("");
    else cells[cells.length - 1] += part;
  }
  if (text.trim().startsWith("|")) cells.shift();
  if (cells.length > 1 && cells.at(-1).trim() === "") cells.pop();
  return cells.map((cell) => cell.trim());
}

/** Returns the table at a place, and the row and column there; null outside of tables. */
export function tableAt(state, at) {
  let node = syntaxTree(state).resolveInner(at, -1);
  while (node && node.name !== "Table") node = node.parent;
  if (!node) return null;
  const first = state.doc.lineAt(node.from);
  const last = state.doc.lineAt(node.to);
  if (first.from !== node.from) return null; // within a list or a quote: left alone
  const rows = [];
  let aligns = [];
  for (let number = first.number; number <= last.number; number++) {
    const cells = splitRow(state.doc.line(number).text);
    if (number === first.number + 1) aligns = cells.map((cell) => (cell.startsWith(":") ? 1 : 0) + (cell.endsWith(":") ? 2 : 0));
    else rows.push(cells);
  }
  const here = state.doc.lineAt(at);
  const row = Math.max(0, here.number - first.number - (here.number > first.number ? 1 : 0));
  const before = here.text.slice(0, at - here.from);
  const column = splitRow((before.trim().startsWith("|") ? "" : "|") + before + "x").length - 1;
  return { from: first.from, to: last.to, rows, aligns, row, column: Math.max(0, column) };
}

const width = (text) => [...text].length;

/** Writes a table with its columns in line, and tells where the text of a cell stands in it. */
export function writeTable(rows, aligns, row, column) {
  const columns = Math.max(...rows.map((cells) => cells.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(3, ...rows.map((cells) => width(cells[i] ?? ""))));
  let text = "";
  let cell = { from: 0, to: 0 };
  rows.forEach((cells, r) => {
    text += r > 0 ? "\n|" : "|";
    widths.forEach((size, c) => {
      const content = cells[c] ?? "";
      if (r === row && c === column) cell = { from: text.length + 1, to: text.length + 1 + content.length };
      text += " " + content + " ".repeat(size - width(content)) + " |";
    });
    if (r === 0) {
      const rule = (size, align) => (align & 1 ? ":" : "-") + "-".repeat(size) + (align & 2 ? ":" : "-");
      text += "\n|" + widths.map((size, c) => rule(size, aligns[c] ?? 0)).join("|") + "|";
    }
  });
  return { text, cell };
}

/** Returns a command that changes the table around the cursor; change gets it and may move row and column. */
const tableCommand = (change) => (view) => {
  const table = tableAt(view.state, view.state.selection.main.head);
  if (!table || change(table) === false) return false;
  const { text, cell } = writeTable(table.rows, table.aligns, table.row, table.column);
  const same = text === view.state.sliceDoc(table.from, table.to);
  view.dispatch({
    changes: same ? undefined : { from: table.from, to: table.to, insert: text },
    selection: { anchor: table.from + cell.from, head: table.from + cell.to },
    userEvent: "input.table",
    scrollIntoView: true,
  });
  return true;
};

const columnsOf = (table) => Math.max(...table.rows.map((cells) => cells.length));
const emptyRow = (table) => Array(columnsOf(table)).fill("");
const insert = (list, at, value) => {
  while (list.length < at) list.push("");
  list.splice(at, 0, value);
};

/** Goes to the next cell; after the last one a row is added. */
export const nextCell = tableCommand((table) => {
  if (++table.column >= columnsOf(table)) (table.column = 0), table.row++;
  if (table.row >= table.rows.length) table.rows.push(emptyRow(table));
});

export const previousCell = tableCommand((table) => {
  if (--table.column < 0) (table.column = columnsOf(table) - 1), table.row--;
  return table.row >= 0;
});

export const addRow = tableCommand((table) => {
  table.rows.splice(++table.row, 0, emptyRow(table));
  table.column = 0;
});

export const addColumn = tableCommand((table) => {
  table.column++;
  for (const cells of table.rows) insert(cells, table.column, "");
  insert(table.aligns, table.column, 0);
});

/** Takes a row away; the first one, which names the columns, stays. */
export const removeRow = tableCommand((table) => {
  if (table.row === 0) return false;
  table.rows.splice(table.row, 1);
  table.row = Math.min(table.row, table.rows.length - 1);
});

export const removeColumn = tableCommand((table) => {
  if (columnsOf(table) === 1) return false;
  for (const cells of [...table.rows, table.aligns]) cells.splice(table.column, 1);
  table.column = Math.min(table.column, columnsOf(table) - 1);
});

/** Inserts a table of two columns, its first name there to be typed over. */
export function insertTable(view) {
  const { text } = writeTable([["", ""], ["", ""]], []);
  block(text.slice(0, 2) + "‸" + text.slice(2))(view);
  const { head } = view.state.selection.main;
  view.dispatch({ changes: { from: head, insert: "Column" }, selection: { anchor: head, head: head + 6 } });
  return true;
}

export const tableKeys = [
  { key: "Tab", run: nextCell, shift: previousCell },
  { key: "Alt-Enter", run: addRow },
];
