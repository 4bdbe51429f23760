// What the syntax tree knows about places in the text.
import { ensureSyntaxTree } from "@codemirror/language";

const verbatim = new Set(["InlineCode", "FencedCode", "CodeBlock", "HTMLBlock", "CommentBlock", "Comment", "HTMLTag"]);

/** Returns a function that tells whether a place is within code or HTML, where marks are no marks. */
export function verbatimIn(state) {
  const tree = ensureSyntaxTree(state, state.doc.length, 500);
  return (at) => {
    for (let node = tree?.resolveInner(at, 0); node; node = node.parent) {
      if (verbatim.has(node.name)) return true;
    }
    return false;
  };
}

/** Returns the headings of the text, as they stand in it. */
export function headings(state) {
  const found = [];
  const tree = ensureSyntaxTree(state, state.doc.length, 200);
  for (let node = tree?.topNode.firstChild; node; node = node.nextSibling) {
    const level = Number(/^(?:ATX|Setext)Heading(\d)$/.exec(node.name)?.[1]);
    if (!level) continue;
    const text = state.doc.lineAt(node.from).text.replace(/^\s*#+\s*|\s+#+\s*$|\s*\{#[^}]*\}\s*$/g, "");
    found.push({ from: node.from, level, text: text || "…" });
  }
  return found;
}
