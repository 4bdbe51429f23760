// Footnotes: a new one, and numbers in the order in which readers meet them.
import { verbatimIn } from "./syntax.js";

/** Returns all marks of footnotes in the text but for those in code: where, by which label, and whether it is the note itself. */
export function footnoteMarks(state) {
  const text = state.doc.toString();
  const verbatim = verbatimIn(state);
  const marks = [];
  for (const match of text.matchAll(/(?<!\\)\[\^([^\]\s^[]+)\](:?)/g)) {
    if (verbatim(match.index + 1)) continue;
    const lineStart = text.lastIndexOf("\n", match.index - 1) + 1;
    const isNote = match[2] === ":" && text.slice(lineStart, match.index).trim() === "";
    marks.push({ from: match.index + 2, to: match.index + 2 + match[1].length, label: match[1], isNote });
  }
  return marks;
}

/** Returns the changes that number footnotes 1, 2, … as the text refers to them; those with names keep them. */
function numbering(marks) {
  const numbers = new Map();
  const give = (label) => /^\d+$/.test(label) && !numbers.has(label) && numbers.set(label, String(numbers.size + 1));
  marks.filter((mark) => !mark.isNote).forEach((mark) => give(mark.label));
  marks.forEach((mark) => give(mark.label)); // notes that nothing refers to come last
  return marks
    .filter(({ label }) => numbers.has(label) && numbers.get(label) !== label)
    .map(({ from, to, label }) => ({ from, to, insert: numbers.get(label) }));
}

export function renumberFootnotes(view) {
  view.dispatch({ changes: numbering(footnoteMarks(view.state)), userEvent: "input.footnotes" });
  return true;
}

/** Returns the highest number that a footnote has. */
export const lastFootnote = (state) =>
  Math.max(0, ...footnoteMarks(state).map(({ label }) => (/^\d+$/.test(label) ? Number(label) : 0)));

/** Inserts a footnote and goes to its text at the end; all are numbered anew. */
export function insertFootnote(view) {
  const { state } = view;
  const label = String(lastFootnote(state) + 1);
  const at = state.selection.main.to;
  const text = state.doc.toString();
  const gap = text.slice(at).trim() === "" && text.trim() === "" ? "\n\n" : /\n\[\^[^\]]+\]:[^\n]*\s*$/.test(text) ? "\n" : "\n\n";
  const end = text.trimEnd().length;
  const note = state.update({
    changes: [
      { from: at, insert: `[^${label}]` },
      { from: Math.max(end, at), to: Math.max(text.length, at), insert: gap + `[^${label}]: ` },
    ],
  });
  const renumbered = note.state.update({ changes: numbering(footnoteMarks(note.state)) });
  view.dispatch({
    changes: note.changes.compose(renumbered.changes),
    selection: { anchor: renumbered.state.doc.length },
    userEvent: "input.footnotes",
    scrollIntoView: true,
  });
  return true;
}
