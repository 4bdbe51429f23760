// The row of buttons over the text. It is one stop of the tab key; the arrow
// keys go from button to button (WAI-ARIA's pattern of a toolbar).
import { keyName, make } from "./dom.js";
import { text } from "./texts.js";

const svg = "http://www.w3.org/2000/svg";

function picture(strokes) {
  const icon = document.createElementNS(svg, "svg");
  icon.setAttribute("viewBox", "0 0 20 20");
  icon.setAttribute("aria-hidden", "true");
  const path = icon.appendChild(document.createElementNS(svg, "path"));
  path.setAttribute("d", strokes);
  return icon;
}

const title = ({ label, key }) => (key ? `${label} (${keyName(key)})` : label);

/** Makes a button of an action; press does it. */
const button = (action, press) =>
  make(
    "button",
    {
      type: "button",
      title: title(action),
      "aria-label": action.label,
      "aria-pressed": action.toggles ? "false" : null,
      tabindex: "-1",
      onclick: press,
      onmousedown: (event) => event.preventDefault(), // the selection stays
    },
    action.text ?? picture(action.icon),
  );

/**
 * Makes the toolbar. Actions run in the editor that view() returns; switches
 * have run themselves, and say by their set function whether they are on.
 */
export function toolbar(view, actions, tableActions, switches) {
  const runs = (action) =>
    button(action, () => {
      view().focus();
      action.run(view());
    });
  const ofTables = make("span", { class: "toolbar-group", hidden: true }, tableActions.map(runs));
  const bar = make(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": text("editor.formatting"), "aria-controls": "markdown" },
    make("span", { class: "toolbar-group" }, actions.filter((action) => action.icon).map(runs)),
    ofTables,
    make(
      "span",
      { class: "toolbar-group toolbar-end" },
      switches.map((action) => {
        const element = button(action, () => action.run(view()));
        action.set = (on) => element.setAttribute("aria-pressed", String(on));
        return element;
      }),
    ),
  );

  const shown = () => [...bar.querySelectorAll("button")].filter((element) => element.checkVisibility());
  const stopAt = (element) => {
    bar.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    element.setAttribute("tabindex", "0");
  };
  stopAt(bar.querySelector("button"));
  bar.addEventListener("focusin", (event) => stopAt(event.target));
  bar.addEventListener("keydown", (event) => {
    const buttons = shown();
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    buttons.at(to % buttons.length).focus();
  });
  return {
    bar,
    /** Shows the buttons for tables, or hides them. */
    showTableActions(show) {
      if (ofTables.hidden === !show) return;
      ofTables.hidden = !show;
      if (!show && ofTables.querySelector('[tabindex="0"]')) stopAt(bar.querySelector("button"));
    },
  };
}
