// No word is lost: what is typed goes to the journal at once and to the server
// soon, and what a crash, a closed tab or an ended session left behind comes back.
import { Transaction } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { Autosave } from "./autosave.js";
import { company } from "./company.js";
import { make } from "./dom.js";
import { Journal } from "./journal.js";
import { clock } from "./status.js";
import { bringIn, postOf, readFields, readText, sameText, textOfPage } from "./text.js";
import { text } from "./texts.js";

const account = () => document.querySelector('.menu a[href="/admin/account"]')?.textContent ?? "";
const sent = "broadsheet-sent"; // of the form that this tab sent last: its record, post and edit

/** Returns what this tab sent last, once. */
function takeSent() {
  try {
    return JSON.parse(sessionStorage.getItem(sent));
  } catch {
    return null;
  } finally {
    sessionStorage.removeItem(sent);
  }
}

/** Tells whether the form shows that what was sent is stored: its post, with a later edit. Else another page says that something was done. */
const isStored = ({ post, edit }, form) =>
  document.querySelector("main > .flash") !== null && ["", postOf(form)].includes(post) && Number(form.elements.edit?.value) > Number(edit);

/** Tells whether a post was deleted, so that no form of it can show what was typed. */
async function isGone(post) {
  try {
    const { status } = await fetch(`/admin/posts/${post}/working`);
    return status === 404 || status === 410;
  } catch {
    return false; // nobody knows
  }
}

/** Returns an extension that hears of changes, and a function that starts to keep them. */
export function keeping() {
  let hear = () => {};
  const extension = EditorView.updateListener.of((update) => update.docChanged && hear(update));
  return { extension, start: (form, view, status) => start(form, view, status, (listener) => (hear = listener)) };
}

async function start(form, view, status, listen) {
  const first = textOfPage(form);
  // A form that comes back with a problem shows what was typed, and nobody has it.
  const refused = document.querySelector(".problems") !== null;
  let journal = null;
  let turn = Promise.resolve(); // of records that are taken back, one after the other
  let kept = false; // whether the journal has a record of this form

  const autosave = form.elements.edit
    ? new Autosave({
        form,
        view,
        status,
        agreed: refused ? { fields: {}, markdown: "" } : first,
        onagreed(all) {
          if (all) journal?.forget();
          else writeWhole();
          kept = !all;
        },
      })
    : null;
  const whole = () => ({
    account: account(),
    post: postOf(form),
    key: form.elements.key.value,
    edit: form.elements.edit?.value ?? "",
    base: autosave?.agreed ?? first,
    text: readText(form, view),
  });
  const writeWhole = () => {
    kept = true;
    journal?.begin(whole());
  };
  const changed = (step) => {
    if (!kept || journal?.add(step)) writeWhole();
    if (autosave) autosave.changed();
    else status.show("unsaved", text(journal ? "editor.unsaved-kept" : "editor.unsaved"));
  };
  listen(({ changes, transactions }) => {
    autosave?.track(changes);
    // What came from the server or the journal is noted, and is no typing.
    if (transactions.every((transaction) => transaction.annotation(Transaction.remote))) return void (kept && writeWhole());
    changed({ changes: changes.toJSON() });
  });
  form.addEventListener("input", ({ target }) => {
    if (!target.name || target.closest(".cm-editor")) return;
    changed({ field: target.name, value: readFields(form)[target.name] });
  });

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
    event.preventDefault();
    autosave?.send();
  });
  status.show("saved", postOf(form) && !refused ? text("editor.saved") : "");

  if (autosave && account()) company(form, autosave, status);
  journal = await Journal.open();
  if (!refused && !sameText(readText(form, view), first)) {
    writeWhole(); // typed by now, or brought back by the browser
    autosave?.changed();
  }
  if (!journal) return;
  addEventListener("pagehide", () => kept && journal.end(whole()));
  journal.onfailure = () => status.show("refused", text("editor.no-copy"));
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.submitter?.formTarget === "_blank") return;
    autosave?.stop();
    if (kept) sessionStorage.setItem(sent, JSON.stringify({ id: journal.id, post: postOf(form), edit: form.elements.edit?.value ?? "" }));
  });
  const before = takeSent();
  if (before && isStored(before, form)) journal.forget(before.id);
  const left = await journal.leftBehind();
  if (refused) {
    const same = left.find((record) => record.id === before?.id || sameText(record.text, first));
    if (autosave && same) autosave.agreed = same.base;
    writeWhole();
    if (same) journal.forget(same.id);
    left.splice(0, left.length, ...left.filter((record) => record !== same));
    autosave?.soon(0);
  }
  await offer(left);
  if (journal.isSure) return;
  setTimeout(async () => {
    const looked = left.map(({ id }) => id);
    await offer((await journal.leftBehind()).filter(({ id }) => !looked.includes(id)));
  }, 25_000); // by when the journal knows of pages that crashed just now

  async function offer(records) {
    for (const record of records) {
      if (![account(), ""].includes(record.account)) continue;
      if (record.post === postOf(form)) comeBack(record);
      else if (postOf(form) === "" && (await isGone(record.post))) comeBack({ ...record, post: "", key: "", edit: "", gone: true });
    }
  }

  function comeBack(record) {
    const now = readText(form, view);
    if (sameText(record.text, now)) return journal.forget(record.id);
    const untouched = sameText(now, first);
    const isNew = record.post === "";
    if (!isNew && (!autosave || record.edit === form.elements.edit.value) && untouched && !refused && sameText(record.base, first)) {
      // The server has nothing newer: this is what was typed upon it.
      take(record);
      return offerBack(text("editor.back", clock(record.at)), text("editor.undo"), () => (bringIn(form, view, record.text, now), autosave?.soon(0)));
    }
    const { title } = record.text.fields;
    const said = record.gone ? (title ? "editor.left.gone-titled" : "editor.left.gone") : title ? "editor.left.titled" : "editor.left";
    offerBack(text(said, clock(record.at), title), text("editor.take-back"), () => takeInTurn(record), () => journal.forget(record.id));
  }

  /**
   * Takes a record when the server has what stands in the form, which a record
   * replaces. A new post's has a form of its own.
   */
  function takeInTurn(record) {
    return (turn = turn.then(async () => {
      await autosave?.settled();
      if (record.post === "" && !(postOf(form) === "" && sameText(readText(form, view), first))) location.assign("/admin/posts/new");
      else take(record);
    }));
  }

  /** Puts a record's text into the form, to be saved upon what it was typed upon. */
  function take(record) {
    const now = readText(form, view);
    if (autosave && record.edit && record.post) {
      // The server merges it with what is newer there, or has the author choose.
      form.elements.edit.value = record.edit;
      autosave.agreed = record.base;
    }
    if (record.key && !record.post) form.elements.key.value = record.key; // it may have become a post without our hearing of it
    bringIn(form, view, now, record.text);
    writeWhole();
    journal.forget(record.id);
    autosave?.soon(0);
  }

  function offerBack(said, label, accept, refuse) {
    const close = () => box.remove();
    const wait = async (done) => {
      box.replaceChildren(make("p", {}, text("editor.waits")));
      await done;
      close();
    };
    const button = (name, run) => make("button", { type: "button", onclick: () => (run() instanceof Promise ? wait(turn) : close()) }, name);
    const box = make(
      "div",
      { class: "flash come-back", role: "status" },
      make("p", {}, said),
      make("p", { class: "buttons" }, button(label, accept), refuse ? button(text("editor.forget"), refuse) : button(text("editor.close"), () => {})),
    );
    form.before(box);
  }
}
