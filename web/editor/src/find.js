// Find and replace, at the top of the text. The browser's own search sees only
// the part of a long text that is on the screen.
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { text } from "./texts.js";

const taken = new Set(["Mod-Alt-g", "Mod-Shift-l"]);

const words = EditorState.phrases.of({
  Find: text("editor.find.find"),
  Replace: text("editor.find.replace-with"),
  next: text("editor.find.next"),
  previous: text("editor.find.previous"),
  all: text("editor.find.all"),
  "match case": text("editor.find.case"),
  regexp: text("editor.find.pattern"),
  "by word": text("editor.find.words"),
  replace: text("editor.find.replace-with"),
  "replace all": text("editor.find.replace-all"),
  close: text("editor.close"),
  "current match": text("editor.find.current"),
  "on line": text("editor.find.on-line"),
  "replaced match on line $": text("editor.find.replaced-on", "$"),
  "replaced $ matches": text("editor.find.replaced", "$"),
  // Those of other packages.
  Completions: text("editor.completions"),
  "Selection deleted": text("editor.selection-deleted"),
  "Control character": text("editor.control-character"),
});

export const find = [
  words,
  search({ top: true }),
  highlightSelectionMatches(),
  keymap.of(searchKeymap.filter(({ key }) => !taken.has(key))),
];
