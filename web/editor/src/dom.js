// Small helpers to make elements with; nothing here ever parses HTML.
import { text } from "./texts.js";

/** Makes an element. Properties that are functions listen, such as onclick; others are attributes. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** The direction that a language is written in, by its code. */
export const directionOf = (language) => (/^(ar|fa|he|ur|yi|dv|ps|sd|ug)\b/i.test(language) ? "rtl" : "ltr");

/** Returns a function that runs once after calls have paused for ms milliseconds. */
export function afterPause(ms, run) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  };
}

const mac = /Mac|iP(hone|ad|od)/.test(navigator.platform);

/** Writes a key of CodeMirror's form, such as "Mod-Shift-k", as this machine's keyboard does. */
export function keyName(key) {
  const names = mac
    ? { Mod: "⌘", Shift: "⇧", Alt: "⌥", Ctrl: "⌃" }
    : { Mod: text("editor.key.ctrl"), Shift: text("editor.key.shift") };
  const ofAll = { Escape: text("editor.key.escape"), Enter: text("editor.key.enter") };
  return key
    .split(/-(?=.)/)
    .map((part) => names[part] ?? ofAll[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(mac ? "" : "+");
}
