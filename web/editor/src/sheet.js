// The sheet of keys, by "?" or a button.
import { keyName, make } from "./dom.js";

const fixed = [
  ["Tab, Shift-Tab", "Next and previous cell of a table"],
  ["Escape", "Then Tab leaves the text, wherever in it you are"],
  ["/", "At the beginning of a word: what can be inserted"],
  [":", "Emoji by name, such as :heron:"],
  ["Mod-z", "Undo"],
  ["Mod-Shift-z", "Redo"],
  ["Mod-Shift-v", "Paste as plain text"],
  ["Mod-/", "This list"],
];

/** Returns a function that shows the keys of the actions. */
export function keySheet(actions) {
  const rows = [...actions.filter(({ key }) => key).map(({ key, label }) => [key, label]), ...fixed];
  const dialog = make(
    "dialog",
    { class: "sheet", "aria-labelledby": "sheet-title" },
    make("h2", { id: "sheet-title" }, "Keys"),
    make(
      "dl",
      {},
      rows.map(([key, label]) => make("div", {}, make("dt", {}, key.split(", ").map((one) => make("kbd", {}, keyName(one)))), make("dd", {}, label))),
    ),
    make("form", { method: "dialog" }, make("button", { class: "primary" }, "Close")),
  );
  document.body.append(dialog);
  const show = () => dialog.open || dialog.showModal();
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable=true]");
    if (event.key === "?" && !typing && !event.ctrlKey && !event.metaKey) show();
  });
  return show;
}
