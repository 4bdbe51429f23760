// Focus mode: nothing but the text, and of the text the paragraph being written.
import { Decoration, ViewPlugin } from "@codemirror/view";
import { text } from "./texts.js";

const here = Decoration.line({ class: "cm-here" });

function paragraph({ state }) {
  const lines = [state.doc.lineAt(state.selection.main.head)];
  const blank = (line) => line.text.trim() === "";
  while (lines[0].number > 1 && !blank(lines[0]) && lines.length < 200) {
    const line = state.doc.line(lines[0].number - 1);
    if (blank(line)) break;
    lines.unshift(line);
  }
  while (lines.at(-1).number < state.doc.lines && !blank(lines.at(-1)) && lines.length < 400) {
    const line = state.doc.line(lines.at(-1).number + 1);
    if (blank(line)) break;
    lines.push(line);
  }
  return Decoration.set(lines.map((line) => here.range(line.from)));
}

export const paragraphOfCursor = ViewPlugin.define(
  (view) => ({
    decorations: paragraph(view),
    update(update) {
      if (update.docChanged || update.selectionSet) this.decorations = paragraph(update.view);
    },
  }),
  { decorations: (plugin) => plugin.decorations },
);

/** The switch of focus mode for the toolbar. */
export const focusMode = {
  label: text("editor.focus"),
  key: "Mod-Shift-f",
  text: text("editor.focus.short"),
  toggles: true,
  run(view) {
    focusMode.set(document.body.classList.toggle("focus-mode"));
    view.requestMeasure();
    view.focus();
    return true;
  },
};
