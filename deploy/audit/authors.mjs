// The authors' pages, and what the editor opens, by axe-core.
import { axe } from "./browse.mjs";

const widths = [390, 1280];
const press = (selector) => async (tab) => {
  await tab.waitForSelector(".cm-content");
  await tab.evaluate((selector) => document.querySelector(selector).click(), selector);
};

// authors signs in as the owner whom fill has made, and walks through the pages.
export async function authors(browser, base, finding) {
  const tab = await browser.newPage();
  await tab.goto(new URL("/admin/login", base).href);
  await axe(browser, new URL("/admin/login", base), (text) => finding("/admin/login", text), { widths });
  await tab.type("[name=email]", "ada@example.org");
  await tab.type("[name=password]", "correct horse battery staple");
  await Promise.all([tab.waitForNavigation(), tab.click("main .primary")]);
  const first = async (list, selector) => {
    await tab.goto(new URL(list, base).href);
    return tab.evaluate((selector) => document.querySelector(selector)?.getAttribute("href"), selector);
  };
  const post = await first("/admin/posts?q=everything", ".posts h2 a");
  const revision = await first(`${post}/history`, `a[href*="/history/"]`);
  const tag = await first("/admin/tags", `a[href^="/admin/tags/"]`);
  const series = await first("/admin/series", `a[href^="/admin/series/"]`);
  await tab.close();
  const pages = [
    "/admin", "/admin/posts", "/admin/posts?q=nothingisfound", "/admin/posts/new", "/admin/posts/new?kind=page", post, `${post}/history`, revision,
    `${post}/links`, `${post}/delete`, "/admin/calendar", "/admin/trash", "/admin/tags", tag, tag && `${tag}/delete`, "/admin/series", series,
    series && `${series}/delete`, "/admin/jobs", "/admin/settings", "/admin/account", "/admin/nothing-here",
  ].filter(Boolean);
  for (const page of pages) await axe(browser, new URL(page, base), (text) => finding(page, text), { widths });
  const states = {
    "the sheet of keys": press(`.toolbar [aria-label^="Keys"]`),
    "the preview": press(`[aria-label^="Preview beside the text"]`),
    "focus mode": press(`[aria-label^="Focus mode"]`),
    "find and replace": press(`[aria-label^="Find and replace"]`),
    "the menu after /": async (tab) => {
      await tab.waitForSelector(".cm-content");
      await tab.focus(".cm-content");
      await tab.keyboard.down("Control");
      await tab.keyboard.press("End");
      await tab.keyboard.up("Control");
      await tab.keyboard.type("\n\n/");
      await tab.waitForSelector(".cm-tooltip-autocomplete");
    },
    "all groups": async (tab) => {
      await tab.waitForSelector(".cm-content");
      await tab.evaluate(() => document.querySelectorAll("details").forEach((group) => (group.open = true)));
    },
  };
  for (const [name, prepare] of Object.entries(states)) {
    // The menu after / is moved through from the text, which keeps the focus.
    const say = (text) => text.includes('<ul id="cm-ac-') && text.includes("scrollable-region-focusable") || finding(`the editor, ${name}`, text);
    await axe(browser, new URL("/admin/posts/new", base), say, { widths, prepare });
  }
  return pages.length + Object.keys(states).length;
}
