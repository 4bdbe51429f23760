// Keeps the text on the server: two seconds after a pause, at most twenty apart
// while there is none. Whatever happens there, what was typed stays in the form
// and in the journal.
import { resolve } from "./conflict.js";
import { make } from "./dom.js";
import { clock } from "./status.js";
import { bringIn, postOf, readText, sameText } from "./text.js";
import { text } from "./texts.js";

const pause = 2_000;
const longest = 20_000;
const patience = 15_000; // for an answer
const lastWords = 60_000; // bytes that browsers send for a page that ends

const signIn = () => make("a", { href: "/admin/login", target: "_blank" }, text("editor.sign-in"));

export class Autosave {
  #timer = 0;
  #waitingSince = 0; // of the first change that is not sent yet
  #failures = 0;
  #sending = null; // the text under way
  #since = null; // what was changed in the Markdown since it was read to be sent
  #heard = 0; // the newest edit that the server told of
  #conflict = null; // the server's answer that waits for the author

  /**
   * agreed is the text that the server has, by its number edit. onagreed is
   * called when that changes, with whether all of the form is on the server.
   */
  constructor({ form, view, status, agreed, onagreed }) {
    Object.assign(this, { form, view, status, agreed, onagreed });
    addEventListener("online", () => this.soon(0));
    addEventListener("focus", () => this.#failures && this.soon(0)); // perhaps from signing in, in another tab
    addEventListener("pagehide", () => this.#sendLast());
    document.addEventListener("visibilitychange", () => document.hidden && this.#waitingSince && this.soon(0));
  }

  /** Notes what changed in the Markdown, by whomever. */
  track(changes) {
    if (this.#since) this.#since = this.#since.compose(changes);
  }

  /** Waits until the server has all of the form, and nothing is under way. */
  async settled() {
    while (this.#sending || this.#conflict || this.#failures || !sameText(readText(this.form, this.view), this.agreed)) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends it: the form itself is being sent. */
  stop() {
    clearTimeout(this.#timer);
    this.#waitingSince = 0;
  }

  /** Notes that something was typed. */
  changed() {
    if (!this.#waitingSince) this.#waitingSince = Date.now();
    if (this.#conflict || this.#failures) return;
    this.status.show("unsaved", text("editor.saving"));
    this.soon(Math.max(0, Math.min(pause, this.#waitingSince + longest - Date.now())));
  }

  soon(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.send(), wait);
  }

  #body(base) {
    const body = new URLSearchParams(new FormData(this.form));
    if (base) body.set("base", JSON.stringify(base));
    return body;
  }

  #address() {
    const id = postOf(this.form);
    return id ? `/admin/posts/${id}/autosave` : "/admin/posts/autosave";
  }

  /** Sends the text now, unless the server has it. base is what it was made of, when the server asks. */
  async send(base) {
    clearTimeout(this.#timer);
    if (this.#sending) return this.soon(pause);
    if (this.#conflict) return;
    const now = readText(this.form, this.view);
    if (sameText(now, this.agreed)) {
      this.#waitingSince = 0;
      if (!this.#failures) return this.status.show("saved", this.savedAt ? text("editor.saved-at", clock(this.savedAt)) : "");
    }
    this.#sending = now;
    this.#since = this.view.state.update({}).changes; // none yet
    this.#waitingSince = 0;
    let response, answer;
    try {
      response = await fetch(this.#address(), { method: "POST", body: this.#body(base), signal: AbortSignal.timeout(patience) });
      answer = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : null;
    } catch {
      return this.#failed("offline", text(navigator.onLine ? "editor.no-answer" : "editor.offline"));
    }
    this.#sending = null;
    if (response.ok && answer) return this.#accepted(now, answer);
    if (response.status === 409 && answer?.need === "base" && !base) return this.send(this.agreed);
    if (response.status === 409 && answer?.theirs) return this.#contradicted(now, answer);
    if (response.status === 401 || response.redirected) return this.#failed("signed-out", text("editor.signed-out"), signIn());
    if (response.status >= 500 || response.status === 429) return this.#failed("offline", text("editor.away"));
    const gone = response.status === 404 || response.status === 410 ? " " + text("editor.gone") : "";
    this.#failed("refused", (answer?.error ?? text("editor.refused")) + gone);
  }

  #failed(kind, said, ...actions) {
    this.#sending = null;
    this.#waitingSince ||= Date.now();
    this.status.show(kind, said, ...actions);
    this.soon(Math.min(longest, pause * 2 ** this.#failures++) * (0.75 + Math.random() / 2)); // not all at once, after an outage
  }

  #accepted(sent, answer) {
    this.#failures = 0;
    this.savedAt = answer.saved_at ?? Date.now();
    if (postOf(this.form) !== String(answer.id)) this.#isNow(answer.id);
    let said = text("editor.saved-at", clock(this.savedAt));
    if (answer.merged) {
      const left = bringIn(this.form, this.view, sent, answer.merged, this.#since);
      if (left.length) return this.#leftOut(left, sent, answer);
      said = text("editor.merged");
    }
    this.#isAt(answer);
    this.#since = null;
    this.agreed = answer.merged ?? sent;
    const all = sameText(readText(this.form, this.view), this.agreed);
    this.onagreed(all);
    if (this.#heard > answer.edit) this.hear(this.#heard);
    if (all) this.status.show(answer.merged ? "merged" : "saved", said);
    else {
      if (answer.merged) this.status.tell(said);
      this.changed();
    }
  }

  /** Has the author choose for fields that both changed while the text was on its way. */
  #leftOut(fields, sent, { merged, ...at }) {
    const now = readText(this.form, this.view);
    this.#since = this.view.state.update({}).changes;
    this.#contradicted(now, {
      ...at,
      theirs: merged,
      conflicts: fields.map((field) => ({ field, base: sent.fields[field] ?? "", mine: now.fields[field] ?? "", theirs: merged.fields[field] ?? "" })),
    });
  }

  #isAt({ edit, version }) {
    this.form.elements.edit.value = edit;
    if (version) this.form.elements.version.value = version;
  }

  /** Hears that the server has this edit by now: it is brought in, unless it is known. */
  async hear(edit) {
    this.#heard = edit;
    if (this.#sending || this.#conflict || edit <= Number(this.form.elements.edit.value)) return;
    if (!sameText(readText(this.form, this.view), this.agreed)) return this.soon(0); // the server merges
    const before = this.agreed;
    try {
      const response = await fetch(`/admin/posts/${postOf(this.form)}/working`);
      if (!response.ok || this.#busySince(before)) return;
      const { fields, markdown, by, ...at } = await response.json();
      if (this.#busySince(before) || at.edit <= Number(this.form.elements.edit.value)) return;
      if (!sameText(readText(this.form, this.view), before)) return this.soon(0); // typed meanwhile
      this.#since = null;
      bringIn(this.form, this.view, before, { fields, markdown });
      this.agreed = { fields, markdown };
      this.#isAt(at);
      this.savedAt = at.saved_at;
      this.onagreed(sameText(readText(this.form, this.view), this.agreed));
      this.status.show("merged", text("editor.newest", by, clock(at.saved_at)));
    } catch {
      /* the next event, or the next save, brings it */
    }
  }

  #busySince(agreed) {
    return this.#sending || this.#conflict || this.agreed !== agreed;
  }

  /** Hears that the author is signed out. */
  signedOut() {
    // What is under way may have been in time, and its answer tells otherwise.
    if (this.#sending) return this.status.show("signed-out", text("editor.signed-out"), signIn());
    this.#failed("signed-out", text("editor.signed-out"), signIn());
  }

  /** A new post has become a draft with an address of its own. */
  #isNow(id) {
    const address = `/admin/posts/${id}`;
    this.form.setAttribute("action", address);
    this.form.elements.state.value = "draft";
    history.replaceState(history.state, "", address);
    this.onpost?.();
  }

  #contradicted(sent, answer) {
    this.#conflict = answer;
    let dialog = null;
    const choose = () => {
      if (this.#conflict !== answer || dialog?.isConnected) return; // the choice is made, or being made
      dialog = resolve(this.form, answer, sent, (chosen) => {
        this.#conflict = null;
        bringIn(this.form, this.view, sent, chosen, this.#since);
        this.#since = null;
        this.#isAt(answer);
        this.agreed = answer.theirs;
        this.onagreed(false);
        this.#failures = 0;
        this.status.show("unsaved", text("editor.saving"));
        this.send();
      });
    };
    this.status.show("conflict", text("editor.conflict", answer.by || text("editor.someone")), make("button", { type: "button", class: "link", onclick: choose }, text("editor.choose")));
    choose();
  }

  #sendLast() {
    if (!this.#waitingSince || this.#conflict) return;
    const body = this.#body();
    if (body.toString().length < lastWords) fetch(this.#address(), { method: "POST", body, keepalive: true }).catch(() => {});
  }
}
