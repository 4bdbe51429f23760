// What to see to before readers see the post: places marked TK ("to come"),
// and images that say nothing to those who cannot see them.
import { make } from "./dom.js";
import { goTo } from "./outline.js";
import { sendForm } from "./shared.js";
import { verbatimIn } from "./syntax.js";
import { text } from "./texts.js";

/** Returns what is unfinished in the text: where, and what. */
export function unfinished(state) {
  const markdown = state.doc.toString();
  const verbatim = verbatimIn(state);
  const found = [];
  const add = (match, what) => found.push({ from: match.index, to: match.index + match[0].length, what });
  for (const match of markdown.matchAll(/\bTK\b/g)) if (!verbatim(match.index)) add(match, "TK");
  for (const match of markdown.matchAll(/!\[\s*\](?:\([^)\n]*\)|\[[^\]\n]*\])/g)) {
    if (!verbatim(match.index)) add(match, text("editor.no-alt"));
  }
  for (const match of markdown.matchAll(/<img\b(?![^>]*\balt=)[^>]*>/gi)) add(match, text("editor.no-alt"));
  return found.sort((a, b) => a.from - b.from);
}

// Links to other sites are not followed.
const mayLeadHere = (markdown) => new RegExp(String.raw`\]\(\s*<?(?!https?:|mailto:)|href=|^\s*\[[^\]]+\]:|//${location.host}`, "im").test(markdown);

/** Promises the links of the text to this site that lead nowhere, as far as the server says it soon. */
async function brokenLinks(form, state) {
  const markdown = state.doc.toString();
  if (!mayLeadHere(markdown)) return [];
  try {
    const answer = await sendForm(form, "/admin/posts/check", 4_000);
    const { links } = answer.ok ? await answer.json() : { links: [] };
    return links.map(({ href, problem, to }) => {
      const typed = [href, decode(href)].find((one) => markdown.includes(one)) ?? "";
      const from = typed ? markdown.indexOf(typed) : 0;
      return { from, to: from + typed.length, what: text("editor.link-to", decode(href)), hint: to ? `${problem} ${to}` : problem };
    });
  } catch {
    return []; // publishing waits for no advice
  }
}

function decode(address) {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}

const shownAtMost = 50;

/** Has the form ask, when it would publish what is unfinished, whether it shall. */
export function askBeforePublishing(form, view) {
  const list = make("ul", {});
  const anyway = make("button", { class: "primary", value: "anyway" }, text("editor.publish-anyway"));
  const dialog = make(
    "dialog",
    { class: "unfinished", "aria-labelledby": "unfinished-title" },
    make("h2", { id: "unfinished-title" }, text("editor.unfinished")),
    list,
    make("form", { method: "dialog", class: "buttons" }, anyway, make("button", { autofocus: true }, text("editor.to-text"))),
  );
  document.body.append(dialog);

  let asked = false;
  const send = (submitter) => {
    asked = true;
    form.requestSubmit(submitter);
    asked = false;
  };
  let checking = false;
  form.addEventListener("submit", async (event) => {
    const { submitter } = event;
    const action = submitter?.name === "action" ? submitter.value : "";
    const live = ["published", "scheduled"].includes(form.elements.state.value);
    if (checking) return event.preventDefault();
    if (asked || !(action === "publish" || (action === "save" && live))) return;
    const found = unfinished(view.state);
    if (form.elements.cover?.value.trim() && !form.elements.cover_alt.value.trim()) {
      found.unshift({ field: form.elements.cover_alt, what: text("editor.no-cover-alt") });
    }
    if (mayLeadHere(view.state.doc.toString())) {
      event.preventDefault();
      checking = true;
      found.push(...(await brokenLinks(form, view.state)));
      checking = false;
      if (found.length === 0) return send(submitter);
      found.sort((a, b) => (a.from ?? -1) - (b.from ?? -1));
    }
    if (found.length === 0) return;
    event.preventDefault();
    list.replaceChildren(...found.slice(0, shownAtMost).map((one) => item(one, view, dialog)));
    if (found.length > shownAtMost) list.append(make("li", {}, text("editor.and-more", found.length - shownAtMost)));
    anyway.textContent = text(live ? "editor.update-anyway" : "editor.publish-anyway");
    dialog.onclose = () => {
      if (dialog.returnValue !== "anyway") return;
      send(submitter);
    };
    dialog.returnValue = "";
    dialog.showModal();
  });
}

function item({ from, to, field, what, hint }, view, dialog) {
  const said = field ? what : text("editor.in-line", what, view.state.doc.lineAt(from).number);
  const show = () => {
    dialog.close();
    if (!field) return goTo(view, from, to);
    field.closest("details")?.setAttribute("open", "");
    field.focus();
  };
  const line = field ? "" : view.state.doc.lineAt(from).text.trim();
  return make(
    "li",
    {},
    make("button", { type: "button", class: "link", onclick: show }, said),
    hint && make("span", { class: "hint" }, " " + hint),
    line && make("span", { class: "hint", dir: "auto" }, " " + (line.length > 80 ? line.slice(0, 79) + "…" : line)),
  );
}
