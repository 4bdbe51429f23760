// Who else has the post open, and what they save (server-sent events).
import { make } from "./dom.js";
import { postOf } from "./text.js";
import { locale, text } from "./texts.js";

const again = 10_000; // milliseconds

const list = new Intl.ListFormat(locale);

/** Shows who else is here, and has autosave hear of what they save. */
export function company(form, autosave, status) {
  const element = make("p", { class: "company" });
  status.element.before(element);
  const tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
  let source = null;

  const show = (others) => {
    const names = [...new Set(others.filter(({ you }) => !you).map(({ name }) => name))];
    const said = names.length ? text("editor.open-too", names.length, list.format(names)) : others.length ? text("editor.own-tab") : "";
    if (said === element.textContent) return;
    element.textContent = said;
    if (said) status.tell(said);
  };
  const hear = (name, listener) => source.addEventListener(name, ({ data }) => listener(JSON.parse(data)));
  const close = () => {
    source?.close();
    source = null;
  };
  const open = () => {
    // A tab that is not looked at needs no news, and browsers open few
    // connections to one server.
    if (source || document.hidden || !postOf(form)) return;
    source = new EventSource(`/admin/posts/${postOf(form)}/events?tab=${tab}`);
    hear("presence", show);
    hear("edit", ({ edit }) => autosave.hear(edit));
    hear("again", () => autosave.hear(Infinity));
    hear("out", () => (close(), autosave.signedOut()));
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return; // it tries again by itself
      close();
      setTimeout(open, again);
    });
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  autosave.onpost = open;
  open();
}
