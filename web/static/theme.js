// The reader's own choice of colours, before anything is painted. The style
// sheet has its dark colours under a media query, which is made to hold always
// or never. This script waits for the style sheet, as painting does.
(() => {
  "use strict";
  const rules = [];
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      const scheme = rule.media && /prefers-color-scheme: (light|dark)/.exec(rule.media.mediaText);
      if (scheme) rules.push([rule.media, scheme[1], rule.media.mediaText]);
    }
  }
  window.setTheme = (theme) => {
    for (const [media, scheme, text] of rules) {
      media.mediaText = !theme ? text : theme === scheme ? "all" : "not all";
    }
    document.documentElement.style.colorScheme = theme || "";
  };
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") window.setTheme(theme);
  } catch { /* storage is refused: the system's colours stay */ }
})();
