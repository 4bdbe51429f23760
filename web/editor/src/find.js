// Find and replace, at the top of the text. The browser's own search sees only
// the part of a long text that is on the screen.
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { keymap } from "@codemirror/view";

const taken = new Set(["Mod-Alt-g", "Mod-Shift-l"]);

const words = EditorState.phrases.of({
  next: "Next",
  previous: "Previous",
  all: "All",
  "match case": "Match case",
  regexp: "Pattern",
  "by word": "Whole words",
  replace: "Replace",
  "replace all": "Replace all",
  close: "Close",
});

export const find = [
  words,
  search({ top: true }),
  highlightSelectionMatches(),
  keymap.of(searchKeymap.filter(({ key }) => !taken.has(key))),
];
