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

const account = () => document.querySelector('.menu a[href="/admin/account"]')?.textContent ?? "";
const sent = "broadsheet-sent"; // the record of the form that this tab sent last

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
    else status.show("unsaved", journal ? "Not saved yet, kept here" : "Not saved yet");
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
  status.show("saved", postOf(form) && !refused ? "Saved" : "");

  if (autosave && account()) company(form, autosave, status);
  journal = await Journal.open();
  if (!refused && !sameText(readText(form, view), first)) {
    writeWhole(); // typed by now, or brought back by the browser
    autosave?.changed();
  }
  if (!journal) return;
  addEventListener("pagehide", () => kept && journal.end(whole()));
  journal.onfailure = () => status.show("refused", "This browser keeps no copy: its storage is full or closed");
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.submitter?.formTarget === "_blank") return;
    autosave?.stop();
    if (kept) sessionStorage.setItem(sent, journal.id);
  });
  const before = sessionStorage.getItem(sent);
  sessionStorage.removeItem(sent);
  if (before && document.querySelector("main > .flash")) journal.forget(before); // the form has been stored
  const left = await journal.leftBehind();
  if (refused) {
    const same = left.find((record) => record.id === before || sameText(record.text, first));
    if (autosave && same) autosave.agreed = same.base;
    writeWhole();
    if (same) journal.forget(same.id);
    left.splice(0, left.length, ...left.filter((record) => record !== same));
    autosave?.soon(0);
  }
  for (const record of left) {
    if (![account(), ""].includes(record.account)) continue;
    if (record.post === postOf(form)) comeBack(record);
    else if (postOf(form) === "" && (await isGone(record.post))) comeBack({ ...record, post: "", key: "", edit: "", gone: true });
  }

  function comeBack(record) {
    const now = readText(form, view);
    if (sameText(record.text, now)) return journal.forget(record.id);
    const untouched = sameText(now, first);
    const isNew = record.post === "";
    if (!isNew && (!autosave || record.edit === form.elements.edit.value) && untouched && !refused && sameText(record.base, first)) {
      // The server has nothing newer: this is what was typed upon it.
      take(record);
      return offerBack(`What you typed until ${clock(record.at)} is back.`, "Undo", () => (bringIn(form, view, record.text, now), autosave?.soon(0)));
    }
    offerBack(`Here is text of ${clock(record.at)} that was not saved${record.gone ? ", of a post that was deleted" : ""}${record.text.fields.title ? `, “${record.text.fields.title}”` : ""}.`, "Take it back", () => takeInTurn(record), () => journal.forget(record.id));
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

  function offerBack(text, label, accept, refuse) {
    const close = () => box.remove();
    const wait = async (done) => {
      box.replaceChildren(make("p", {}, "This comes back as soon as the server has what stands in the form."));
      await done;
      close();
    };
    const button = (name, run) => make("button", { type: "button", onclick: () => (run() instanceof Promise ? wait(turn) : close()) }, name);
    const box = make(
      "div",
      { class: "flash come-back", role: "status" },
      make("p", {}, text),
      make("p", { class: "buttons" }, button(label, accept), refuse ? button("Forget it", refuse) : button("Close", () => {})),
    );
    form.before(box);
  }
}
