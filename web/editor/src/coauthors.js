// Who wrote the post with its author: a list of boxes, of which those that are
// chosen come first, in the order in which the post names them.
import { make } from "./dom.js";
import { text } from "./texts.js";

const many = 10; // from how many on there is a field to find somebody

const boxesIn = (list) => [...list.querySelectorAll("input[type=checkbox]")];

/** Tells whether the inputs of one name are boxes of which several may be ticked. */
export const isChoice = (inputs) => inputs instanceof RadioNodeList && [...inputs].some((input) => input.type === "checkbox");

/** Ticks the boxes of the values, which commas separate, and puts them in their order. */
export function writeChoice(inputs, value) {
  const list = [...inputs].find((input) => input.type === "checkbox").closest("ul");
  const values = value.split(",").map((name) => name.trim()).filter(Boolean);
  const boxes = boxesIn(list);
  for (const box of boxes) box.checked = values.includes(box.value);
  const chosen = values.map((name) => (boxes.find((box) => box.value === name) ?? newBox(list, boxes[0].name, name)).closest("li"));
  list.prepend(...chosen);
}

/** Makes a box for somebody whom the page did not offer. */
function newBox(list, name, value) {
  const id = `${name}-of-${value}`;
  const box = make("input", { type: "checkbox", id, name, value });
  box.checked = true;
  list.append(make("li", { class: "check" }, box, make("label", { for: id, dir: "auto" }, value)));
  return box;
}

/** Has who is chosen last come last, and finds people among many. */
export function coauthors(form) {
  const list = form.querySelector("#coauthors");
  if (!list) return;
  list.addEventListener("input", ({ target }) => {
    const chosen = boxesIn(list).filter((box) => box.checked && box !== target);
    const last = chosen.at(-1)?.closest("li");
    if (last) last.after(target.closest("li"));
    else list.prepend(target.closest("li"));
    target.focus(); // which moving took away
  });
  if (boxesIn(list).length <= many) return;
  const find = make("input", {
    type: "search",
    id: "coauthors-find",
    form: "", // of none: it is not sent, and the Enter key in it sends nothing
    autocomplete: "off",
    oninput: () => {
      const asked = find.value.trim().toLocaleLowerCase();
      for (const box of boxesIn(list)) {
        const item = box.closest("li");
        item.hidden = !box.checked && !item.textContent.toLocaleLowerCase().includes(asked);
      }
    },
  });
  list.before(make("label", { for: find.id }, text("editor.find-somebody")), find);
}
