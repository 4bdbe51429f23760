// The tags of a post, one by one, with suggestions. The textarea is hidden, and
// still what the form sends: names separated by commas.
import { ask, combobox } from "./combobox.js";
import { afterPause, make } from "./dom.js";
import { pieces, text } from "./texts.js";

const key = (name) => name.normalize("NFKC").toLowerCase();
const once = (names) => names.filter((name, i) => names.findIndex((other) => key(other) === key(name)) === i);
const split = (typed) => once(typed.split(",").map((name) => name.trim().replace(/\s+/g, " ")).filter(Boolean));

export function tagField(form) {
  const textarea = form.elements.tags;
  if (!textarea || textarea.type === "hidden") return;
  const field = make("input", {
    id: "tags",
    autocomplete: "off",
    autocapitalize: "none",
    enterkeyhint: "done",
    dir: "auto",
    "aria-describedby": textarea.getAttribute("aria-describedby"),
    "aria-invalid": textarea.getAttribute("aria-invalid"),
  });
  const chips = make("ul", { class: "chips", "aria-label": text("editor.tags.chosen") });
  const box = make("div", { class: "tag-field" }, chips, make("div", { class: "with-suggestions" }, field));
  const alike = make("ul", { class: "alike hint" });
  const announcer = make("span", { class: "hidden", role: "status" });
  textarea.hidden = true;
  textarea.removeAttribute("id");
  textarea.setAttribute("aria-hidden", "true");
  textarea.setAttribute("aria-label", text("editor.tags"));
  textarea.after(box, announcer);
  form.querySelector("#tags-hint").after(make("div", { role: "status" }, alike));

  let tags = split(textarea.value);
  const write = () => {
    textarea.value = once([...tags, ...split(field.value)]).join(", ");
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const show = () => {
    chips.replaceChildren(
      ...tags.map((name, i) =>
        make(
          "li",
          {},
          make("span", { dir: "auto" }, name),
          make("button", { type: "button", class: "link", "aria-label": text("editor.tags.remove", name), title: text("editor.tags.remove", name), onclick: () => remove(i), onmousedown: (event) => event.preventDefault() }, "×"),
        ),
      ),
    );
    lookForAlike();
  };
  const add = (names) => {
    const added = names.filter((name) => !tags.some((tag) => key(tag) === key(name)));
    tags.push(...added);
    if (added.length) announcer.textContent = text("editor.tags.added", added.join(", "));
    write();
    show();
  };
  const commit = () => {
    const names = split(field.value);
    field.value = "";
    if (names.length) add(names);
  };
  const remove = (i) => {
    announcer.textContent = text("editor.tags.removed", tags[i]);
    tags.splice(i, 1);
    write();
    show();
    field.focus();
  };

  const suggestions = combobox(field, {
    label: text("editor.tags"),
    async suggest(typed) {
      if (!typed.trim()) return [];
      const answer = await ask("/admin/tags/suggest?" + new URLSearchParams({ q: typed.trim() }));
      const found = answer.tags.filter(({ name }) => !tags.some((tag) => key(tag) === key(name)));
      return [
        ...found.map(({ name, posts }) => ({ label: name, detail: posts, name })),
        ...(answer.create ? [{ label: text("editor.tags.create", answer.create), name: answer.create }] : []),
      ];
    },
    choose({ name }) {
      field.value = "";
      add([name]);
    },
  });
  field.addEventListener("input", () => {
    if (!field.value.includes(",")) return write();
    const at = field.value.lastIndexOf(",");
    const [done, rest] = [field.value.slice(0, at), field.value.slice(at + 1).trimStart()];
    field.value = rest;
    suggestions.close();
    add(split(done));
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && field.value.trim()) {
      event.preventDefault();
      suggestions.close();
      commit();
    } else if (event.key === "Backspace" && field.value === "" && tags.length) {
      event.preventDefault(); // the last one can be changed, or taken out
      const last = tags.pop();
      field.value = last;
      announcer.textContent = text("editor.tags.changing", last);
      write();
      show();
    }
  });
  field.addEventListener("keypress", (event) => event.key === "Enter" && event.preventDefault()); // as in a field of lines: it never sent the form
  field.addEventListener("blur", commit);
  box.addEventListener("click", (event) => event.target === chips && field.focus());
  textarea.addEventListener("refresh", () => { // somebody else's tags, or what comes back from the journal
    tags = split(textarea.value);
    field.value = "";
    show();
  });

  const lookForAlike = afterPause(300, async () => {
    const query = new URLSearchParams(tags.map((name) => ["tag", name]));
    const found = tags.length ? await ask("/admin/tags/suggest?" + query).catch(() => ({ alike: [] })) : { alike: [] };
    alike.replaceChildren(
      ...found.alike.map(({ name, like, posts, merge }) => {
        const both = tags.some((tag) => key(tag) === key(like));
        return make(
          "li",
          {},
          ...pieces("editor.tags.alike", make("bdi", {}, name), make("bdi", {}, like), posts),
          " ",
          !both && make("button", { type: "button", class: "link", onclick: () => instead(name, like) }, ...pieces("editor.tags.use", make("bdi", {}, like))),
          !both && merge && " · ",
          merge && make("a", { href: merge, target: "_blank" }, text("editor.tags.merge")),
        );
      }),
    );
  });
  const instead = (name, like) => {
    tags = tags.map((tag) => (key(tag) === key(name) ? like : tag));
    announcer.textContent = text("editor.tags.instead", like, name);
    write();
    show();
    field.focus();
  };
  show();
}
