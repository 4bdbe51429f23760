// The sheet of keys, by "?" or a button.
import { keyName, make } from "./dom.js";
import { text } from "./texts.js";

const fixed = [
  ["Tab, Shift-Tab", text("editor.keys.cells")],
  ["Escape", text("editor.keys.leave")],
  ["/", text("editor.keys.slash")],
  [":", text("editor.keys.emoji")],
  ["Mod-z", text("editor.undo")],
  ["Mod-Shift-z", text("editor.redo")],
  ["Mod-Shift-v", text("editor.keys.plain")],
  ["Mod-/", text("editor.keys.list")],
];

/** Returns a function that shows the keys of the actions. */
export function keySheet(actions) {
  const rows = [...actions.filter(({ key }) => key).map(({ key, label }) => [key, label]), ...fixed];
  const dialog = make(
    "dialog",
    { class: "sheet", "aria-labelledby": "sheet-title" },
    make("h2", { id: "sheet-title" }, text("editor.keys")),
    make(
      "dl",
      {},
      rows.map(([key, label]) => make("div", {}, make("dt", {}, key.split(", ").map((one) => make("kbd", {}, keyName(one)))), make("dd", {}, label))),
    ),
    make("form", { method: "dialog" }, make("button", { class: "primary" }, text("editor.close"))),
  );
  document.body.append(dialog);
  const show = () => dialog.open || dialog.showModal();
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable=true]");
    if (event.key === "?" && !typing && !event.ctrlKey && !event.metaKey) show();
  });
  return show;
}
