// Commands that put Markdown's marks around words and before lines, and take
// them away again.
import { EditorSelection } from "@codemirror/state";

/** Returns a command that puts a mark such as "**" around what is selected, or takes it away. */
export const around = (mark) => (view) => {
  const { state } = view;
  const size = mark.length;
  view.dispatch(
    state.changeByRange((range) => {
      const { from, to } = range.empty ? (state.wordAt(range.head) ?? range) : range;
      const text = (a, b) => state.sliceDoc(Math.max(0, a), b);
      // "*" within "**" is no mark of its own.
      const alone = (at) => text(at - 1, at) !== mark[0] && text(at + size, at + size + 1) !== mark[0];
      if (text(from - size, from) === mark && text(to, to + size) === mark && (size > 1 || (alone(from - size) && alone(to)))) {
        return {
          changes: [{ from: from - size, to: from }, { from: to, to: to + size }],
          range: EditorSelection.range(range.anchor - size, range.head - size),
        };
      }
      const inner = text(from, to);
      if (inner.length > 2 * size && inner.startsWith(mark) && inner.endsWith(mark)) {
        return {
          changes: [{ from, to: from + size }, { from: to - size, to }],
          range: EditorSelection.range(from, to - 2 * size),
        };
      }
      return {
        changes: [{ from, insert: mark }, { from: to, insert: mark }],
        range: EditorSelection.range(range.anchor + size, range.head + size),
      };
    }),
    { userEvent: "input.format", scrollIntoView: true },
  );
  return true;
};

// What a line may begin with: one of them is exchanged for another.
const lineMark = /^(\s*)(#{1,6}\s+|>\s?|[-*+]\s+\[[ xX]\]\s+|[-*+]\s+|\d+[.)]\s+)?/;

/** Returns a command that begins lines with a mark, given by the line's number among them, or takes it away. */
export const linesBeginWith = (mark) => (view) => {
  const { state } = view;
  const lines = new Map();
  for (const { from, to } of state.selection.ranges) {
    for (let at = from; at <= to; ) {
      const line = state.doc.lineAt(at);
      lines.set(line.number, line);
      at = line.to + 1;
    }
  }
  const all = [...lines.values()].filter((line, _, { length }) => length === 1 || line.text.trim() !== "");
  const kind = (text) => text.replace(/\d+/, "0").trim();
  const marks = all.map((line, i) => ({ line, mark: mark(i), found: lineMark.exec(line.text) }));
  const remove = marks.every(({ mark, found }) => kind(found[2] ?? "") === kind(mark));
  view.dispatch({
    changes: marks.map(({ line, mark, found }) => ({
      from: line.from + found[1].length,
      to: line.from + found[0].length,
      insert: remove ? "" : mark,
    })),
    userEvent: "input.format",
    scrollIntoView: true,
  });
  return true;
};

/** Makes a heading of the line, of a lower one the next time, and text again at last. */
export function nextHeading(view) {
  const line = view.state.doc.lineAt(view.state.selection.main.head);
  const marks = /^(#{1,6})\s+/.exec(line.text)?.[1] ?? "";
  const next = marks === "" ? "## " : marks.length < 4 ? "#".repeat(marks.length + 1) + " " : "";
  view.dispatch({
    changes: { from: line.from, to: line.from + (/^#{1,6}\s+/.exec(line.text)?.[0].length ?? 0), insert: next },
    userEvent: "input.format",
  });
  return true;
}

const isAddress = (text) => /^(https?:\/\/|mailto:|\/)\S+$/.test(text);

/** Makes a link of what is selected: its text, or its address, is then there to be typed. */
export function link(view) {
  const { state } = view;
  view.dispatch(
    state.changeByRange((range) => {
      const text = state.sliceDoc(range.from, range.to);
      const insert = isAddress(text) ? `[](${text})` : `[${text}](https://)`;
      const [from, to] = isAddress(text) || text === "" ? [1, 1] : [text.length + 3, insert.length - 1];
      return {
        changes: { from: range.from, to: range.to, insert },
        range: EditorSelection.range(range.from + from, range.from + to),
      };
    }),
    { userEvent: "input.format", scrollIntoView: true },
  );
  return true;
}

/**
 * Returns a command that inserts lines of their own, with an empty line around
 * them. "‸" in the text is where the cursor goes, and where what was selected does.
 */
export const block = (text) => (view) => {
  const { state } = view;
  const { from, to } = state.selection.main;
  const line = state.doc.lineAt(from);
  const before = state.sliceDoc(line.from, from).trim() !== "" ? "\n\n" : line.number > 1 && state.doc.line(line.number - 1).text.trim() !== "" ? "\n" : "";
  const rest = state.sliceDoc(to, state.doc.lineAt(to).to).trim();
  const next = state.doc.lineAt(to).number < state.doc.lines ? state.doc.line(state.doc.lineAt(to).number + 1).text.trim() : "";
  const after = rest !== "" ? "\n\n" : next !== "" ? "\n" : "";
  const selected = state.sliceDoc(from, to);
  const [head, tail = ""] = text.split("‸", 2);
  view.dispatch({
    changes: { from, to, insert: before + head + selected + tail + after },
    selection: { anchor: from + before.length + head.length + selected.length },
    userEvent: "input.format",
    scrollIntoView: true,
  });
  return true;
};

/** Inserts an image; its address is there to be typed, then what it shows. */
export function image(view) {
  const { from, to } = view.state.selection.main;
  const alt = view.state.sliceDoc(from, to);
  view.dispatch({
    changes: { from, to, insert: `![${alt}](/)` },
    selection: alt ? { anchor: from + alt.length + 5 } : { anchor: from + 2 },
    userEvent: "input.format",
    scrollIntoView: true,
  });
  return true;
}
