// Links to other posts of the blog: offered after "](" in the text, and below
// the field that names the post which was translated.
import { startCompletion } from "@codemirror/autocomplete";
import { ask, combobox } from "./combobox.js";
import { text } from "./texts.js";

const find = async (typed) => (await ask("/admin/posts/links?" + new URLSearchParams({ q: typed }))).posts;
const states = { draft: text("editor.state.draft"), review: text("editor.state.review"), scheduled: text("editor.state.scheduled"), unpublished: text("editor.state.unpublished") };
const detail = ({ state }) => states[state] ?? "";

/** Begins a link of what is selected and offers the posts that it can lead to. */
export function linkToPost(view) {
  const { from, to } = view.state.selection.main;
  const chosen = view.state.sliceDoc(from, to);
  view.dispatch({ changes: { from, to, insert: `[${chosen}]()` }, selection: { anchor: from + chosen.length + 3 }, userEvent: "input" });
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
    options: found.filter(({ url }) => url).map((post) => ({ label: post.title || text("editor.untitled"), detail: detail(post), apply: put(post) })),
  };
}

const put = ({ title, url }) => (view, _, from, to) => {
  const closed = view.state.sliceDoc(to, to + 1) === ")";
  const changes = [{ from, to: closed ? to + 1 : to, insert: url + ")" }];
  const untitled = view.state.sliceDoc(from - 3, from) === "[](";
  const words = untitled ? title.replace(/[[\]\\]/g, "\\$&") : "";
  if (untitled) changes.unshift({ from: from - 2, insert: words });
  view.dispatch({ changes, selection: { anchor: from + words.length + url.length + 1 }, userEvent: "input.complete" });
};

/** Has the field of the translation search posts by their titles. */
export function translationField(form) {
  const field = form.elements.translation_of;
  if (field?.type !== "text") return;
  field.parentElement.classList.add("with-suggestions");
  combobox(field, {
    label: text("editor.posts"),
    suggest: async (typed) =>
      typed.trim() ? (await find(typed.trim().replace(/^.*\//, "").replaceAll("-", " "))).map((post) => ({ label: post.title || text("editor.untitled"), detail: detail(post), url: post.url })) : [],
    choose({ url }) {
      field.value = url;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
}
