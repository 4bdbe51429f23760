// The headings of the text, to see its order and to go to its parts.
import { EditorView } from "@codemirror/view";
import { make } from "./dom.js";
import { headings } from "./syntax.js";
import { text } from "./texts.js";

/** Makes the outline, a group that is folded at first. */
export function outline(view) {
  const list = make("ul", {});
  const element = make("details", { class: "outline" }, make("summary", {}, text("editor.outline")), list);
  const show = () => {
    if (!element.open) return;
    const items = headings(view().state).map(({ from, level, text: heading }) =>
      make(
        "li",
        { class: `outline-${level}` },
        make("button", { type: "button", class: "link", onclick: () => goTo(view(), from) }, heading),
      ),
    );
    list.replaceChildren(...(items.length ? items : [make("li", {}, text("editor.outline.none"))]));
  };
  element.addEventListener("toggle", show);
  return { element, show };
}

/** Puts the cursor at a place, and the place at the top. */
export function goTo(view, from, to = from) {
  view.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  view.focus();
}
