// A field with suggestions: the combobox of the WAI-ARIA authoring practices,
// with a list that is asked for while its author types.
import { afterPause, make } from "./dom.js";
import { text } from "./texts.js";

let count = 0;

/**
 * Makes a combobox of a field. suggest(typed) promises options, of label,
 * detail and whatever else choose(option) needs; said(number) is told to screen
 * readers. The field need not be in the page yet, but must have a parent.
 */
export function combobox(field, { label, suggest, choose, said = (number) => text("editor.suggestions", number) }) {
  const id = `suggestions-${++count}`;
  const list = make("ul", { class: "suggestions", role: "listbox", id, "aria-label": label, hidden: true });
  const status = make("span", { class: "hidden", role: "status" });
  const set = (name, value) => (value == null ? field.removeAttribute(name) : field.setAttribute(name, value));
  set("role", "combobox");
  set("aria-autocomplete", "list");
  set("aria-controls", id);
  set("aria-expanded", "false");
  field.removeAttribute("list");
  field.after(list, status);

  let options = [];
  let active = -1;
  let chosen = false; // by the key that is down
  let asked = 0; // counts, so that an answer that comes late is not shown

  const activate = (at) => {
    active = at;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    set("aria-activedescendant", at < 0 ? null : `${id}-${at}`);
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    asked++;
    options = [];
    list.replaceChildren();
    list.hidden = true;
    set("aria-expanded", "false");
    activate(-1);
  };
  const take = (option) => {
    close();
    choose(option);
    field.focus();
  };
  const open = async () => {
    const asking = ++asked;
    const found = await suggest(field.value).catch(() => []);
    if (asking !== asked || document.activeElement !== field) return;
    if (found.length === 0) return close();
    options = found;
    list.replaceChildren(
      ...found.map((option, i) =>
        make(
          "li",
          { role: "option", id: `${id}-${i}`, "aria-selected": "false", onclick: () => take(option), onmousedown: (event) => event.preventDefault() },
          make("span", { dir: "auto" }, option.label),
          option.detail && make("span", { class: "detail" }, " " + option.detail),
        ),
      ),
    );
    list.hidden = false;
    set("aria-expanded", "true");
    activate(-1);
    status.textContent = said(found.length);
  };
  const soon = afterPause(120, open);

  field.addEventListener("input", soon);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const to = { ArrowDown: active + 1, ArrowUp: active < 0 ? options.length - 1 : active - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      if (list.hidden) return void open();
      return activate(to >= options.length ? -1 : to);
    }
    if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      event.stopImmediatePropagation();
      chosen = true;
      take(options[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  // Some send the character of a key all the same.
  field.addEventListener("keypress", (event) => event.key === "Enter" && chosen && event.preventDefault());
  field.addEventListener("keyup", () => (chosen = false));
  return { close, open };
}

/** Asks the server for JSON. */
export async function ask(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(5_000) });
  if (!response.ok || !response.headers.get("Content-Type")?.startsWith("application/json")) throw new Error("no answer");
  return response.json();
}
