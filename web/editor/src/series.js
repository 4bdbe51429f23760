// Where the post comes in its series.
import { ask } from "./combobox.js";
import { afterPause, make } from "./dom.js";
import { postOf } from "./text.js";
import { text } from "./texts.js";

export function seriesPlace(form) {
  const field = form.elements.series;
  if (!field || field.type === "hidden") return;
  const group = field.closest("details");
  const said = make("p", { class: "hint series-place", role: "status" });
  const list = make("ol", { class: "series-parts hint" });
  group.append(said, list);

  const show = async () => {
    if (!group.open) return;
    if (!field.value.trim()) return put("", []);
    const query = new URLSearchParams({ post: postOf(form) });
    for (const name of ["title", "series", "series_place", "published_at", "shown", "zone"]) query.set(name, form.elements[name].value);
    try {
      const { known, many, number, total, parts, url } = await ask("/admin/series/parts?" + query);
      if (!known) return put(text("editor.series.new"), []);
      const order = make("a", { href: url, target: "_blank" }, text("editor.series.order"));
      if (many) return put(text("editor.series.many") + " ", [], order);
      const before = parts.find((part) => part.number === number - 1);
      const place = before ? text("editor.series.part-after", number, total, before.title || text("editor.untitled")) : text("editor.series.part", number, total);
      put(place + " ", parts, order);
    } catch {
      put("", []);
    }
  };
  const put = (words, parts, ...more) => {
    said.replaceChildren(words, ...more);
    list.hidden = parts.length < 2;
    if (parts.length) list.start = parts[0].number;
    list.replaceChildren(
      ...parts.map(({ title, url, draft }) =>
        make("li", {}, url ? make("a", { href: url, target: "_blank", dir: "auto" }, title || text("editor.untitled")) : make("strong", { dir: "auto" }, title || text("editor.untitled")), draft && url && " " + text("editor.series.hidden")),
      ),
    );
  };
  const soon = afterPause(400, show);
  for (const name of ["series", "series_place", "published_at", "title"]) {
    form.elements[name].addEventListener("input", soon);
    form.elements[name].addEventListener("refresh", soon);
  }
  group.addEventListener("toggle", show);
  if (group.open) show();
}
