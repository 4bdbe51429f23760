// The field of the text: CodeMirror in the place of the textarea, which stays
// in the form and is what the form sends.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { markdown, markdownLanguage } from "@codemirror/lang-markdown";
import { EditorState } from "@codemirror/state";
import { drawSelection, dropCursor, EditorView, keymap } from "@codemirror/view";
import { directionOf, keyName } from "./dom.js";
import { look } from "./look.js";
import { text } from "./texts.js";

// Where a selection is typed over, browsers keep the look of what was there in
// style attributes, which the content security policy refuses with a complaint.
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main } = view.state.selection;
    if (event.inputType !== "insertText" || !event.data || event.isComposing || main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

/** Puts an editor in the place of a textarea and returns it. */
export function replaceTextarea(textarea, extensions) {
  const form = textarea.form;
  const label = form.querySelector(`label[for="${textarea.id}"]`);
  const view = new EditorView({
    doc: textarea.value,
    extensions: [
      extensions,
      history(),
      drawSelection(),
      dropCursor(),
      EditorState.allowMultipleSelections.of(true),
      EditorView.lineWrapping,
      EditorView.perLineTextDirection.of(true),
      EditorView.contentAttributes.of((view) => ({
        "aria-labelledby": "markdown-label",
        "aria-describedby": textarea.getAttribute("aria-describedby"),
        "aria-invalid": textarea.getAttribute("aria-invalid") ?? "false",
        spellcheck: "true",
        tabindex: "0",
        autocorrect: "on",
        autocapitalize: "sentences",
        lang: form.elements.language.value,
        dir: directionOf(form.elements.language.value), // not that of the author's own language
      })),
      markdown({ base: markdownLanguage, completeHTMLTags: false }),
      keymap.of([...defaultKeymap.filter((binding) => binding.key !== "Mod-i"), ...historyKeymap]),
      typeOver,
      look,
    ],
  });
  textarea.after(view.dom);
  textarea.hidden = true;
  // Links to the field, such as from the list of what is wrong, lead to what is seen of it.
  view.contentDOM.id = textarea.id;
  textarea.removeAttribute("id");
  textarea.setAttribute("aria-labelledby", "markdown-label");
  label.removeAttribute("for");
  label.id = "markdown-label";
  form
    .querySelector("#markdown-hint")
    .append(" " + text("editor.hint", keyName("Mod-/")));
  label.addEventListener("click", () => view.focus());
  form.elements.language.addEventListener("change", () => view.dispatch({}));

  // The form may be sent by any of its buttons, or be left and come back to.
  form.addEventListener("formdata", ({ formData }) => {
    formData.set(textarea.name, view.state.doc.toString());
    for (const name of ["search", "replace", "case", "re", "word"]) formData.delete(name); // of find and replace
  });
  // Browsers take the square of the lines for that; the journal has long ones, too.
  addEventListener("pagehide", () => view.state.doc.lines < 5_000 && (textarea.value = view.state.doc.toString()));
  return view;
}
