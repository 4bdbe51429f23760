// The line that says where the text is: on the server, or only here.
import { make } from "./dom.js";
import { locale } from "./texts.js";

// By the 24 hours, as the pages write times in all languages.
const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const clock = (when) => time.format(new Date(when));

/** Makes the line, and the region by which screen readers hear of changes. */
export function statusLine() {
  const element = make("p", { class: "saved", "data-kind": "none" });
  const announcer = make("p", { class: "hidden", role: "status" });
  let said = "";
  return {
    element,
    announcer,
    /**
     * Shows a state. kind is "saved", "unsaved", "offline", "signed-out",
     * "conflict" or "refused"; only another kind is announced, as "Saved" every
     * few seconds would be read over what is written.
     */
    show(kind, words, ...actions) {
      element.dataset.kind = kind;
      element.replaceChildren(words, ...actions.flatMap((action) => [" ", action]));
      if (kind === "unsaved" || kind === said) return;
      if (!(kind === "saved" && said === "")) announcer.textContent = words;
      said = kind;
    },
    /** Says something once, which is not about where the text is. */
    tell(text) {
      announcer.textContent = text;
    },
  };
}
