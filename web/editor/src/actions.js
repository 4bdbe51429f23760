// The one list of what the editor does: the toolbar, the menu after "/", the
// keys and the sheet that shows them are all made of it.
import { openSearchPanel } from "@codemirror/search";
import { insertFootnote, renumberFootnotes } from "./footnotes.js";
import { around, block, image, linesBeginWith, link, nextHeading } from "./format.js";
import { linkToPost } from "./links.js";
import { addColumn, addRow, insertTable, removeColumn, removeRow } from "./tables.js";

// icon: the strokes of a picture of 20 × 20; slash: whether it is in the menu
// after "/"; words: what else finds it there.
export const actions = [
  { label: "Heading", key: "Mod-Shift-h", run: nextHeading, icon: "M5 4v12M15 4v12M5 10h10" },
  { label: "Bold", key: "Mod-b", run: around("**"), icon: "M6 4h5a3 3 0 0 1 0 6H6zM6 10h6a3 3 0 0 1 0 6H6z" },
  { label: "Italic", key: "Mod-i", run: around("*"), icon: "M9 4h6M5 16h6M12 4 8 16" },
  { label: "Strikethrough", key: "Mod-Shift-x", run: around("~~") },
  { label: "Code", key: "Mod-e", run: around("`"), icon: "M7 6 3 10l4 4M13 6l4 4-4 4" },
  { label: "Link", key: "Mod-k", run: link, slash: true, icon: "M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1M11.500 8.500a3 3 0 0 0-4.200 0l-3 3a3 3 0 0 0 4.200 4.200l1-1" },
  { label: "Link to a post", key: "Mod-Shift-k", run: linkToPost, slash: true, words: "internal", icon: "M4 3.500h8l4 4v9H4zM12 3.500v4h4M7 11h5M10 9l2 2-2 2" },
  { label: "Heading 2", run: linesBeginWith(() => "## "), slash: true },
  { label: "Heading 3", run: linesBeginWith(() => "### "), slash: true },
  { label: "Quote", key: "Mod-Shift-9", run: linesBeginWith(() => "> "), slash: true, icon: "M4 5v10M8 6h8M8 10h8M8 14h5" },
  { label: "Bulleted list", key: "Mod-Shift-8", run: linesBeginWith(() => "- "), slash: true, icon: "M8 5h8M8 10h8M8 15h8M4 5h.01M4 10h.01M4 15h.01" },
  { label: "Numbered list", key: "Mod-Shift-7", run: linesBeginWith((i) => `${i + 1}. `), slash: true, icon: "M9 5h7M9 10h7M9 15h7M3.500 4 5 3v5M3.500 12.500c.5-1 2-.8 2 .3 0 .8-2 2-2 2.700h2.200" },
  { label: "Task list", run: linesBeginWith(() => "- [ ] "), slash: true, words: "todo checkbox" },
  { label: "Image", run: image, slash: true, words: "picture photo figure", icon: "M3 4h14v12H3zM3 14l4-4 3 3 3-4 4 4M7 7.500h.01" },
  { label: "Table", run: insertTable, slash: true, icon: "M3 4h14v12H3zM3 8h14M3 12h14M10 4v12" },
  { label: "Code block", run: block("```‸\n```"), slash: true, words: "fence listing" },
  { label: "Footnote", run: insertFootnote, slash: true, words: "note", icon: "M4 6h7M7.500 6v10M14 4l1.500-1v5" },
  { label: "Renumber footnotes", run: renumberFootnotes, slash: true },
  { label: "Note", run: block("> [!NOTE]\n> ‸"), slash: true, words: "callout" },
  { label: "Tip", run: block("> [!TIP]\n> ‸"), slash: true, words: "callout" },
  { label: "Warning", run: block("> [!WARNING]\n> ‸"), slash: true, words: "callout" },
  { label: "Formula", run: block("$$\n‸\n$$"), slash: true, words: "math tex" },
  { label: "Line between parts", run: block("---\n"), slash: true, words: "rule separator" },
  { label: "End of the excerpt", run: block("<!--more-->\n"), slash: true, words: "more" },
  { label: "Find and replace", key: "Mod-f", run: openSearchPanel, icon: "M9 3.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11zM13 13l4 4" },
];

// For the cell that the cursor is in.
export const tableActions = [
  { label: "Add a row", key: "Alt-Enter", run: addRow, text: "+ row" },
  { label: "Add a column", run: addColumn, text: "+ column" },
  { label: "Remove this row", run: removeRow, text: "− row" },
  { label: "Remove this column", run: removeColumn, text: "− column" },
];
