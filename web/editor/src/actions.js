// The one list of what the editor does: the toolbar, the menu after "/", the
// keys and the sheet that shows them are all made of it.
import { openSearchPanel } from "@codemirror/search";
import { insertFootnote, renumberFootnotes } from "./footnotes.js";
import { around, block, image, linesBeginWith, link, nextHeading } from "./format.js";
import { linkToPost } from "./links.js";
import { addColumn, addRow, insertTable, removeColumn, removeRow } from "./tables.js";
import { text } from "./texts.js";

// icon: the strokes of a picture of 20 × 20; slash: whether it is in the menu
// after "/"; words: what else finds it there.
export const actions = [
  { label: text("editor.heading"), key: "Mod-Shift-h", run: nextHeading, icon: "M5 4v12M15 4v12M5 10h10" },
  { label: text("editor.bold"), key: "Mod-b", run: around("**"), icon: "M6 4h5a3 3 0 0 1 0 6H6zM6 10h6a3 3 0 0 1 0 6H6z" },
  { label: text("editor.italic"), key: "Mod-i", run: around("*"), icon: "M9 4h6M5 16h6M12 4 8 16" },
  { label: text("editor.strikethrough"), key: "Mod-Shift-x", run: around("~~") },
  { label: text("editor.code"), key: "Mod-e", run: around("`"), icon: "M7 6 3 10l4 4M13 6l4 4-4 4" },
  { label: text("editor.link"), key: "Mod-k", run: link, slash: true, icon: "M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1M11.500 8.500a3 3 0 0 0-4.200 0l-3 3a3 3 0 0 0 4.200 4.200l1-1" },
  { label: text("editor.link-post"), key: "Mod-Shift-k", run: linkToPost, slash: true, words: text("editor.link-post.words"), icon: "M4 3.500h8l4 4v9H4zM12 3.500v4h4M7 11h5M10 9l2 2-2 2" },
  { label: text("editor.heading-2"), run: linesBeginWith(() => "## "), slash: true },
  { label: text("editor.heading-3"), run: linesBeginWith(() => "### "), slash: true },
  { label: text("editor.quote"), key: "Mod-Shift-9", run: linesBeginWith(() => "> "), slash: true, icon: "M4 5v10M8 6h8M8 10h8M8 14h5" },
  { label: text("editor.bulleted"), key: "Mod-Shift-8", run: linesBeginWith(() => "- "), slash: true, icon: "M8 5h8M8 10h8M8 15h8M4 5h.01M4 10h.01M4 15h.01" },
  { label: text("editor.numbered"), key: "Mod-Shift-7", run: linesBeginWith((i) => `${i + 1}. `), slash: true, icon: "M9 5h7M9 10h7M9 15h7M3.500 4 5 3v5M3.500 12.500c.5-1 2-.8 2 .3 0 .8-2 2-2 2.700h2.200" },
  { label: text("editor.tasks"), run: linesBeginWith(() => "- [ ] "), slash: true, words: text("editor.tasks.words") },
  { label: text("editor.image"), run: image, slash: true, words: text("editor.image.words"), icon: "M3 4h14v12H3zM3 14l4-4 3 3 3-4 4 4M7 7.500h.01" },
  { label: text("editor.table"), run: insertTable, slash: true, icon: "M3 4h14v12H3zM3 8h14M3 12h14M10 4v12" },
  { label: text("editor.code-block"), run: block("```‸\n```"), slash: true, words: text("editor.code-block.words") },
  { label: text("editor.footnote"), run: insertFootnote, slash: true, words: text("editor.footnote.words"), icon: "M4 6h7M7.500 6v10M14 4l1.500-1v5" },
  { label: text("editor.renumber"), run: renumberFootnotes, slash: true },
  { label: text("editor.note"), run: block("> [!NOTE]\n> ‸"), slash: true, words: text("editor.callout.words") },
  { label: text("editor.tip"), run: block("> [!TIP]\n> ‸"), slash: true, words: text("editor.callout.words") },
  { label: text("editor.warning"), run: block("> [!WARNING]\n> ‸"), slash: true, words: text("editor.callout.words") },
  { label: text("editor.formula"), run: block("$$\n‸\n$$"), slash: true, words: text("editor.formula.words") },
  { label: text("editor.rule"), run: block("---\n"), slash: true, words: text("editor.rule.words") },
  { label: text("editor.more"), run: block("<!--more-->\n"), slash: true, words: text("editor.more.words") },
  { label: text("editor.find"), key: "Mod-f", run: openSearchPanel, icon: "M9 3.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11zM13 13l4 4" },
];

// For the cell that the cursor is in.
export const tableActions = [
  { label: text("editor.row-add"), key: "Alt-Enter", run: addRow, text: text("editor.row-add.short") },
  { label: text("editor.column-add"), run: addColumn, text: text("editor.column-add.short") },
  { label: text("editor.row-remove"), run: removeRow, text: text("editor.row-remove.short") },
  { label: text("editor.column-remove"), run: removeColumn, text: text("editor.column-remove.short") },
];
