// Two texts that cannot be merged: both are shown, and the author chooses.
import { make } from "./dom.js";
import { text } from "./texts.js";

const labelOf = (form, name) => form.querySelector(`label[for="${name}"]`)?.textContent ?? name;
const around = 80; // characters of the line

/** What stands before and after a piece in its line: a word alone says little. */
function lineAround(pieces, i) {
  const before = (pieces[i - 1]?.same ?? "").split("\n").at(-1), after = (pieces[i + 1]?.same ?? "").split("\n")[0];
  return {
    before: before.length > around ? "…" + before.slice(-around).replace(/^\S*/u, "") : before,
    after: after.length > around ? after.slice(0, around).replace(/\S*$/u, "") + "…" : after,
  };
}

const soft = (written) => written !== "" && make("span", { class: "around" }, written);

function shown(written, { before, after }) {
  const piece = written === "" ? make("em", {}, text("editor.nothing")) : before || after ? make("mark", {}, written) : written;
  return make("div", { class: "compared", dir: "auto" }, soft(before), piece, soft(after));
}


/** Puts one after the other: within a line as words, else as paragraphs. */
function pieceOfBoth(mine, theirs, { before, after }) {
  if (!mine || !theirs || mine.endsWith("\n")) return mine + theirs;
  if (!before && !after) return mine + "\n\n" + theirs;
  return /\s$/.test(mine) || /^\s/.test(theirs) ? mine + theirs : mine + " " + theirs;
}

let count = 0;

function choice(name, { mine, theirs }, both, line = { before: "", after: "" }) {
  const group = "choice-" + ++count;
  const option = (value, label, written, checked) => {
    const input = make("input", { type: "radio", name: group, value, id: `${group}-${value}`, checked });
    return make("div", { class: "option" }, make("p", { class: "check" }, input, make("label", { for: input.id }, label)), written !== null && shown(written, line));
  };
  const element = make(
    "fieldset",
    { class: "conflict-place" },
    make("legend", {}, name),
    make("div", { class: "options" }, option("mine", text("editor.mine"), mine, !both), option("theirs", text("editor.theirs"), theirs)),
    both && option("both", text("editor.both"), null, true),
  );
  return { element, value: () => ({ mine, theirs, both: pieceOfBoth(mine, theirs, line) })[element.querySelector(":checked").value] };
}

/**
 * Shows both texts and calls done with what was chosen, once it was. mine is
 * the text that was sent; answer is the server's. Returns the dialog, which
 * stands in the page until then.
 */
export function resolve(form, answer, mine, done) {
  const fields = {};
  for (const name of Object.keys(mine.fields)) {
    fields[name] = answer.fields?.[name] ?? mine.fields[name];
  }
  const fieldChoices = (answer.conflicts ?? []).map((conflict) => [conflict.field, choice(labelOf(form, conflict.field), conflict, false)]);
  let part = 0;
  const pieces = answer.text?.length ? answer.text : [{ same: mine.markdown }];
  const textChoices = pieces.map((piece, i) => (typeof piece.same === "string" && piece.mine === undefined ? null : choice(text("editor.place", ++part), { mine: piece.mine ?? "", theirs: piece.theirs ?? "" }, true, lineAround(pieces, i))));

  const dialog = make(
    "dialog",
    { class: "conflict", "aria-labelledby": "conflict-title" },
    make("h2", { id: "conflict-title" }, text("editor.conflict.title", answer.by || text("editor.someone"))),
    make("p", {}, text("editor.conflict.about")),
    fieldChoices.map(([, { element }]) => element),
    textChoices.filter(Boolean).map(({ element }) => element),
    make("form", { method: "dialog", class: "buttons" }, make("button", { class: "primary", value: "use" }, text("editor.use-these")), make("button", {}, text("editor.later"))),
  );
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "use") {
      for (const [name, { value }] of fieldChoices) fields[name] = value();
      const markdown = pieces.map((piece, i) => textChoices[i]?.value() ?? piece.same).join("");
      done({ fields, markdown });
    }
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
