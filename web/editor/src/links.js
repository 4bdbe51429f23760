// Links to other posts of the blog: offered after "](" in the text, and below
// the field that names the post which was translated.
import { startCompletion } from "@codemirror/autocomplete";
import { ask, combobox } from "./combobox.js";

const find = async (typed) => (await ask("/admin/posts/links?" + new URLSearchParams({ q: typed }))).posts;
const detail = ({ state }) => (state === "published" ? "" : state);

/** Begins a link of what is selected and offers the posts that it can lead to. */
export function linkToPost(view) {
  const { from, to } = view.state.selection.main;
  const text = view.state.sliceDoc(from, to);
  view.dispatch({ changes: { from, to, insert: `[${text}]()` }, selection: { anchor: from + text.length + 3 }, userEvent: "input" });
  startCompletion(view);
  return true;
}

/** Offers posts where the address of a link is typed; a link without a text gets the post's title. */
export async function postAfterBracket(context) {
  const typed = context.matchBefore(/\]\([^()\n]{0,60}/);
  const query = typed?.text.slice(2);
  if (!typed || /^(https?:|mailto:|[#<.]|\/(?!posts\/))/.test(query)) return null;
  const words = query.replace(/^\/posts\//, "").replaceAll("-", " ");
  if (!words && !context.explicit) return null;
  await new Promise((wait) => setTimeout(wait, context.explicit ? 0 : 120));
  if (context.aborted) return null;
  const found = await find(words).catch(() => []);
  return {
    from: typed.from + 2,
    filter: false,
    options: found.filter(({ url }) => url).map((post) => ({ label: post.title || "Untitled", detail: detail(post), apply: put(post) })),
  };
}

const put = ({ title, url }) => (view, _, from, to) => {
  const closed = view.state.sliceDoc(to, to + 1) === ")";
  const changes = [{ from, to: closed ? to + 1 : to, insert: url + ")" }];
  const untitled = view.state.sliceDoc(from - 3, from) === "[](";
  const text = untitled ? title.replace(/[[\]\\]/g, "\\$&") : "";
  if (untitled) changes.unshift({ from: from - 2, insert: text });
  view.dispatch({ changes, selection: { anchor: from + text.length + url.length + 1 }, userEvent: "input.complete" });
};

/** Has the field of the translation search posts by their titles. */
export function translationField(form) {
  const field = form.elements.translation_of;
  if (field?.type !== "text") return;
  field.parentElement.classList.add("with-suggestions");
  combobox(field, {
    label: "Posts",
    suggest: async (typed) =>
      typed.trim() ? (await find(typed.trim().replace(/^.*\//, "").replaceAll("-", " "))).map((post) => ({ label: post.title || "Untitled", detail: detail(post), url: post.url })) : [],
    choose({ url }) {
      field.value = url;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
}
