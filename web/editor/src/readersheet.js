// The readers' style sheet for a part of the page: as if that part were the window.

/** Sets the media queries about the window's width by the width in rem of a part of it. */
function fit(rules, width) {
  for (const rule of rules) {
    if (rule instanceof CSSMediaRule) {
      rule.asked ??= rule.media.mediaText;
      const bounds = [...rule.asked.matchAll(/\((min|max)-width: ?([\d.]+)rem\)/g)];
      if (bounds.length) rule.media.mediaText = bounds.every(([, bound, rem]) => (bound === "min" ? width >= rem : width <= rem)) ? "all" : "not all";
    }
    if (rule.cssRules) fit(rule.cssRules, width);
  }
}

/** Returns the style sheet, and has it follow the element's width. */
export async function readerSheet(element) {
  const link = document.querySelector('link[rel=stylesheet][href^="/static/site."]');
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await (await fetch(link.href)).text());
  for (const rule of sheet.cssRules) if (rule.selectorText === "html") rule.selectorText = ":host";
  // Of a long post only what is in view is laid out. It costs a little of the
  // true look, as nothing of a block may then stand out of it.
  sheet.insertRule(".long > * { content-visibility: auto; contain-intrinsic-block-size: auto 6em; }");
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  let width = 0;
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === width) return;
    width = contentRect.width;
    fit(sheet.cssRules, width / rem);
  }).observe(element);
  return sheet;
}
