// The form of a post with JavaScript. Without it the form is whole, too.
import { keymap, EditorView } from "@codemirror/view";
import { Prec } from "@codemirror/state";
import { actions, tableActions } from "./actions.js";
import { askBeforePublishing } from "./checks.js";
import { coauthors } from "./coauthors.js";
import { completion } from "./complete.js";
import { countsLine } from "./counts.js";
import { afterPause, make } from "./dom.js";
import { focusMode, paragraphOfCursor } from "./focusmode.js";
import { outline } from "./outline.js";
import { paste } from "./paste.js";
import { find } from "./find.js";
import { keeping } from "./keep.js";
import { translationField } from "./links.js";
import { seriesPlace } from "./series.js";
import { sharedLook } from "./shared.js";
import { keySheet } from "./sheet.js";
import { Preview } from "./preview.js";
import { goToSource, scrollInStep } from "./scroll.js";
import { replaceTextarea } from "./source.js";
import { statusLine } from "./status.js";
import { tagField } from "./tags.js";
import { tableAt, tableKeys } from "./tables.js";
import { text } from "./texts.js";
import { dateHint } from "./when.js";
import { toolbar } from "./toolbar.js";

function start(form) {
  let view;
  const preview = new Preview(form);
  const beside = {
    label: text("editor.beside"),
    key: "Mod-Shift-l",
    text: text("editor.preview"),
    toggles: true,
    run(view) {
      const on = document.body.classList.toggle("with-preview");
      beside.set(on);
      preview.show(on);
      view.requestMeasure();
      localStorage.setItem("preview", on ? "yes" : "");
      return true;
    },
  };
  const switches = [beside, focusMode];
  const showKeys = keySheet([...actions, ...switches, ...tableActions]);
  const help = { label: text("editor.keys"), key: "Mod-/", text: "?", run: () => (showKeys(), true) };
  const bar = toolbar(() => view, actions, tableActions, [...switches, help]);
  const counts = countsLine();
  const status = statusLine();
  const { extension: listener, start: keep } = keeping();
  const parts = outline(() => view);
  const look = sharedLook(form);

  const afterChange = afterPause(300, () => {
    counts.show(view.state);
    parts.show();
  });
  const watch = EditorView.updateListener.of((update) => {
    if (update.docChanged) preview.changed(), look.changed();
    if (!update.docChanged && !update.selectionSet) return;
    bar.showTableActions(tableAt(update.state, update.state.selection.main.head) !== null);
    afterChange();
  });
  const keys = [...actions, ...switches, help].filter(({ key }) => key).map(({ key, run }) => ({ key, run, preventDefault: true }));
  view = replaceTextarea(form.elements.markdown, [
    Prec.high(keymap.of([...tableKeys, ...keys])),
    completion(actions.filter(({ slash }) => slash)),
    paste,
    find,
    paragraphOfCursor,
    watch,
    listener,
  ]);
  const source = make("div", { class: "source" });
  view.dom.before(source);
  source.append(bar.bar, make("div", { class: "panes" }, view.dom, preview.element), make("div", { class: "foot-line" }, counts.element, status.element), status.announcer);
  form.querySelector(".publish").after(parts.element);
  tagField(form);
  translationField(form);
  seriesPlace(form);
  dateHint(form);
  counts.show(view.state);
  askBeforePublishing(form, view);
  coauthors(form);
  keep(form, view, status);
  scrollInStep(view, preview);
  goToSource(view, preview);
  form.addEventListener("input", () => preview.changed()); // title, summary, language
  if (localStorage.getItem("preview") && matchMedia("(min-width: 60rem)").matches) beside.run(view);
}

const form = document.querySelector("form.editor");
if (form) start(form);
