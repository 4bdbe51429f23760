// CodeMirror mounts its styles with style-mod, as a style element, which the
// content security policy refuses. Here they become style sheets of the
// document instead, which it lets through. The build puts this module in the
// place of style-mod.
import { StyleModule as Base } from "../node_modules/style-mod/src/style-mod.js";

const sheets = new Map(); // by module, in the order of precedence

export class StyleModule extends Base {
  static mount(root, modules) {
    const own = new Set(sheets.values());
    for (const module of [modules].flat()) {
      const sheet = sheets.get(module) ?? new CSSStyleSheet();
      if (!sheets.delete(module)) sheet.replaceSync(module.getRules());
      sheets.set(module, sheet); // last: each mounting gives the whole order
    }
    const others = root.adoptedStyleSheets.filter((sheet) => !own.has(sheet));
    root.adoptedStyleSheets = [...others, ...sheets.values()];
  }
}
