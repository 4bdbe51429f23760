// What is offered while typing: the menu after "/", emoji after ":", languages
// after the fence of a code block.
import { autocompletion } from "@codemirror/autocomplete";
import emoji from "emoji-list";
import { keyName } from "./dom.js";
import { languages } from "./languages.js";
import { postAfterBracket } from "./links.js";

// Emoji are one text of lines "name name 😀" and are made options when first asked for.
let emojiOptions;
const allEmoji = () =>
  (emojiOptions ??= emoji.split("\n").flatMap((line) => {
    const names = line.split(" ");
    const character = names.pop();
    return names.map((name) => ({ label: `:${name}:`, displayLabel: `${character} ${name}`, apply: character }));
  }));

function emojiAfterColon(context) {
  const typed = context.matchBefore(/(?<![\w:]):[a-z0-9_+-]{2,}:?/);
  return typed && { from: typed.from, options: allEmoji(), validFor: /^:[a-z0-9_+-]*:?$/ };
}

function languageAfterFence(context) {
  const fence = context.matchBefore(/^\s*(`{3,}|~{3,})[\w+#-]*/);
  if (!fence) return null;
  const from = fence.from + /^\s*[`~]+/.exec(fence.text)[0].length;
  if (from === context.pos && !context.explicit) return null;
  return { from, options: languages.map((label) => ({ label })), validFor: /^[\w+#-]*$/ };
}

const actionsAfterSlash = (actions) => (context) => {
  const typed = context.matchBefore(/(?<=^\s*|\s)\/[\p{L}\p{M}\p{N}_ ]*/u);
  if (!typed) return null;
  return {
    from: typed.from + 1,
    options: actions.map((action, i) => ({
      boost: -i, // the order of the list, as far as what was typed fits all alike
      label: action.label + (action.words ? " " + action.words : ""),
      displayLabel: action.label,
      detail: action.key && keyName(action.key),
      apply: (view, _, from, to) => {
        view.dispatch({ changes: { from: from - 1, to }, userEvent: "input.complete" });
        action.run(view);
      },
    })),
    validFor: /^[\p{L}\p{M}\p{N}_ ]{0,20}$/u,
  };
};

export const completion = (actions) =>
  autocompletion({ override: [postAfterBracket, actionsAfterSlash(actions), emojiAfterColon, languageAfterFence], icons: false });
