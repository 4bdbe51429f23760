// How the post will look where it is found and shared: a search result, and the
// picture that stands for its address.
import { afterPause, make } from "./dom.js";
import { postOf } from "./text.js";
import { text } from "./texts.js";

/** Sends the form, as it stands, to be looked at and not to be stored. */
export function sendForm(form, address, patience = 10_000) {
  const body = new URLSearchParams(new FormData(form));
  body.set("post", postOf(form));
  return fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(patience) });
}

/** Cuts a text about where search engines do. */
function cut(words, most) {
  if (words.length <= most) return words;
  const whole = words.slice(0, most - 1);
  return whole.slice(0, Math.max(whole.lastIndexOf(" "), most / 2)).trimEnd() + " …";
}

// What the picture shows.
const pictured = ["title", "written_by", "language", "published_at", "cover", "cover_alt", "kind"];

export function sharedLook(form) {
  const group = form.elements.meta_title?.closest("details");
  if (!group) return { changed() {} };
  const line = (name) => make("p", { class: `result-${name}`, dir: "auto" });
  const [address, title, words] = [line("address"), line("title"), line("text")];
  const picture = make("img", { alt: "", width: "1200", height: "630", hidden: true });
  const problem = make("p", { class: "hint", role: "status" });
  group.append(
    make(
      "div",
      { class: "shared-look", role: "group", "aria-label": text("editor.shared") },
      make("p", { class: "hint" }, text("editor.shared.search")),
      make("div", { class: "search-result" }, address, title, words),
      make("p", { class: "hint" }, text("editor.shared.address")),
      picture,
      problem,
    ),
  );
  let shown = "";

  const show = async () => {
    if (!group.open) return;
    try {
      const answer = await sendForm(form, "/admin/posts/check");
      if (!answer.ok) throw new Error();
      const { result } = await answer.json();
      address.textContent = decodeURI(result.address);
      title.textContent = cut(result.title, 60);
      words.textContent = cut(result.description, 158);
      await showPicture();
      problem.textContent = "";
    } catch {
      problem.textContent = text("editor.shared.waits");
    }
  };
  const showPicture = async () => {
    const key = JSON.stringify(pictured.map((name) => form.elements[name]?.value));
    if (key === shown) return;
    const cover = form.elements.cover.value.trim();
    const isPage = form.elements.kind.value === "page";
    if (cover || isPage) picture.src = cover || "/card.png";
    else {
      const answer = await sendForm(form, "/admin/posts/card");
      if (!answer.ok) throw new Error();
      picture.src = await dataOf(await answer.blob());
    }
    picture.alt = cover ? form.elements.cover_alt.value : isPage ? text("editor.shared.site") : form.elements.title.value;
    picture.hidden = false;
    shown = key;
  };
  const soon = afterPause(800, show);
  group.addEventListener("toggle", show);
  form.addEventListener("input", soon);
  if (group.open) soon();
  return { changed: soon };
}

// The content security policy takes pictures from this site and from data.
const dataOf = (blob) =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = failed;
    reader.readAsDataURL(blob);
  });
