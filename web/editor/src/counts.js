// Words, characters and reading time, of the text and of what is selected.
import { make } from "./dom.js";
import { text } from "./texts.js";

const wide = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}";
const letter = `(?:(?![${wide}])[\\p{L}\\p{N}\\p{M}])`;
const word = new RegExp(`[${wide}]|${letter}+(?:['’.,-]${letter}+)*`, "gu");
const unread = /\]\([^)\s]*\)|<[^>]*>|^\s*\[[^\]]+\]:\s+\S+.*$/g; // addresses and tags

function countText(written) {
  return { words: (written.replace(unread, " ").match(word) ?? []).length, characters: [...written].length };
}

// CodeMirror keeps a text as a tree of parts, of which a change makes few anew:
// only those are counted again.
const counted = new WeakMap();

/** Counts a document of CodeMirror. */
export function count(doc) {
  let sum = counted.get(doc);
  if (sum) return sum;
  sum = { words: 0, characters: 0 };
  if (doc.children) {
    for (const part of doc.children) {
      const { words, characters } = count(part);
      sum.words += words;
      sum.characters += characters;
    }
    sum.characters += doc.children.length - 1; // the breaks between them
  } else {
    for (const line of doc.iterLines()) {
      const { words, characters } = countText(line);
      sum.words += words;
      sum.characters += characters;
    }
    sum.characters += doc.lines - 1;
  }
  counted.set(doc, sum);
  return sum;
}

const wordsPerMinute = 230; // as internal/markdown reckons

/** Makes the line of counts. */
export function countsLine() {
  const element = make("p", { class: "counts" });
  const show = (state) => {
    const { main } = state.selection;
    const { words, characters } = count(main.empty ? state.doc : state.doc.slice(main.from, main.to));
    const minutes = Math.max(1, Math.round(words / wordsPerMinute));
    const said = [text("editor.words", words), text("editor.characters", characters), text("editor.minutes", minutes)].join(" · ");
    element.textContent = main.empty ? said : text("editor.selected", said);
  };
  return { element, show };
}
