// How the source looks: the tokens of site.css, so that it is light or dark
// as the rest of the page.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags as t } from "@lezer/highlight";

const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--paper)", border: "1px solid var(--edge)", borderRadius: "2px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--serif)", fontSize: "1.125rem", lineHeight: "1.65" },
  ".cm-content": { padding: "1rem 0", minHeight: "60vh", caretColor: "var(--ink)" },
  ".cm-content:focus-visible": { outline: "3px solid var(--accent)", outlineOffset: "-2px", borderRadius: "2px" },
  ".cm-line": { padding: "0 1rem" },
  ".cm-placeholder": { color: "var(--soft)" },
  "&.cm-focused .cm-selectionBackground, & .cm-selectionBackground": { background: "var(--mark)" },
  ".cm-cursor": { borderLeft: "2px solid var(--ink)" },
  ".cm-panels": { color: "var(--ink)", backgroundColor: "var(--tint)", fontFamily: "var(--sans)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--edge)" },
  ".cm-searchMatch": { backgroundColor: "var(--mark)", outline: "1px solid var(--edge)" },
  ".cm-searchMatch-selected": { outline: "2px solid var(--accent)" },
  ".cm-selectionMatch": { backgroundColor: "var(--tint)" },
  ".cm-tooltip": { color: "var(--ink)", backgroundColor: "var(--paper)", border: "1px solid var(--edge)", borderRadius: "2px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--sans)", fontSize: "0.9375rem", maxHeight: "18rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.375rem 0.75rem", minHeight: "1.5rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { color: "var(--paper)", backgroundColor: "var(--ink)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionDetail": { fontStyle: "normal", opacity: "0.8" },
});

const colours = HighlightStyle.define([
  { tag: t.heading, fontWeight: "700" },
  { tag: t.heading1, fontSize: "1.35em" },
  { tag: t.heading2, fontSize: "1.2em" },
  { tag: t.strong, fontWeight: "700" },
  { tag: t.emphasis, fontStyle: "italic" },
  { tag: t.strikethrough, textDecoration: "line-through" },
  { tag: t.quote, color: "var(--soft)" },
  { tag: t.link, color: "var(--accent)" },
  { tag: [t.url, t.processingInstruction, t.contentSeparator, t.labelName, t.comment], color: "var(--soft)" },
  { tag: [t.monospace], fontFamily: "var(--mono)", fontSize: "0.85em" },
]);

export const look = [theme, syntaxHighlighting(colours)];
