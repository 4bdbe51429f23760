// Audits the readers' pages of a running blog:
//
//	node audit.mjs http://localhost:8080 [--fill LINK] [--without-lighthouse]
//
// Every page is checked by axe-core (all rules, three widths, light and dark), by
// the Nu checker, for what it transfers and for what is left without JavaScript;
// the most important ones by Lighthouse. Any finding fails. With the link that
// sets up a blog, it is first filled with what the demo posts do not have, and
// the authors' pages are checked by axe-core, too.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import lighthouse, { desktopConfig } from "lighthouse";
import puppeteer from "puppeteer-core";
import { authors } from "./authors.mjs";
import { axe, mostBytes, transfers, withoutScript } from "./browse.mjs";
import { entries, nu } from "./documents.mjs";
import { fill } from "./fill.mjs";

const base = new URL(process.argv[2] ?? "http://localhost:8080");
const link = process.argv[process.argv.indexOf("--fill") + 1];

let findings = 0;
function finding(page, text) {
  findings++;
  console.log(`${page}: ${text}`);
}

const folder = mkdtempSync(join(tmpdir(), "audit-"));
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  userDataDir: join(folder, "profile"),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});

try {
  const filled = process.argv.includes("--fill");
  if (filled) {
    const demo = await (await fetch(new URL("/posts/writing-in-markdown", base))).text();
    await fill(base, link, demo.match(/src="(\/static\/[^"]+\.svg)"/)[1]);
  }
  const pages = await discover(filled);
  console.log(`${pages.size} pages: ${[...pages.keys()].join(" ")}`);
  const documents = new Map();
  let most = [0, ""], cards = 0;
  for (const [page, status] of pages) {
    const url = new URL(page, base), say = (text) => finding(page, text);
    const bytes = await transfers(browser, url, status, say);
    if (bytes > most[0]) most = [bytes, page];
    await axe(browser, url, say);
    if (feed(page)) continue;
    await withoutScript(browser, url, say);
    const text = await (await fetch(url)).text();
    documents.set(page, text);
    const found = entries(page, text, base, say);
    if (found === 0 && status === 200 && /^\/($|posts\/|tags\/.|authors\/|archive\/....\/|series\/)/.test(page)) say("no h-entry");
    cards += found;
  }
  const warnings = nu(documents, folder, finding);
  console.log(`the most that a page transfers without images: ${most[0]} bytes of ${mostBytes}, ${most[1]}`);
  console.log(`${documents.size} documents by the Nu checker, ${warnings} warnings; ${cards} h-entries`);
  if (!process.argv.includes("--without-lighthouse")) {
    for (const page of ["/", filled ? "/posts/everything" : "/posts/writing-in-markdown", "/search", "/search?q=markdown"]) {
      await score(page, "phone", undefined);
      await score(page, "desktop", desktopConfig);
    }
  }
  // Last, as from here on the browser is signed in.
  if (filled) console.log(`${await authors(browser, base, finding)} authors' pages and states of the editor`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(findings === 0 ? "no findings" : `${findings} findings`);
process.exit(findings === 0 ? 0 : 1);

function feed(page) {
  return /\.(atom|rss)(\?|$)/.test(page);
}

// discover returns pages and their statuses: those that no link leads to, and
// of each kind that the blog's own links lead to a few.
async function discover(filled) {
  const found = new Map([
    "/", "/tags", "/archive", "/search", "/search?q=markdown", "/search?q=markdwon", "/search?q=tag%3Aweb+%22address%22", "/search?q=nothingisfound",
    "/?tag=c-plus-plus&tag=dot-net", "/?tag=go&tag=unknown", "/feed.atom", "/feed.rss", "/tags/go/feed.atom", "/search/feed.rss?q=markdown",
  ].map((page) => [page, 200]));
  for (const page of ["/nothing-here", "/posts/nothing-here", "/tags/nothing-here", "/archive/1066"]) found.set(page, 404);
  found.set("/?after=nonsense", 400).set(`/search?q=${"x".repeat(300)}`, 400);
  if (filled) {
    found.set("/posts/gone", 410);
    for (const page of ["/about", "/a-page", "/arabic-page", "/posts/everything", "/posts/alles", "/posts/kull-shay", "/posts/long", "/series/everything"]) found.set(page, 200);
  }
  const kinds = new Map();
  for (const page of found.keys()) {
    const answer = await fetch(new URL(page, base)), text = await answer.text();
    if (answer.redirected) found.delete(page); // a first page asked for by its cursor
    for (const [, href] of text.matchAll(/<a [^>]*?href="([^"#]*)/g)) {
      const url = new URL(href.replaceAll("&amp;", "&"), new URL(page, base));
      if (url.origin !== base.origin || url.pathname.startsWith("/admin") || /\.(md|atom|rss|json|xml|txt|png)$/.test(url.pathname)) continue;
      const kind = url.pathname.replace(/^(\/[^/]*).*/, "$1") + url.pathname.split("/").length + [...url.searchParams.keys()].sort();
      if (found.has(url.pathname + url.search)) continue;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (kinds.get(kind) <= (kind.startsWith("/posts") ? 30 : 3)) found.set(url.pathname + url.search, 200);
    }
  }
  return found;
}

// score wants 100 in each category, in the best of three runs: noise only ever
// takes points away. Of what a search finds it wants instead that search engines
// leave it out, and that nothing else is against it.
async function score(page, device, config) {
  const best = {}, failed = {};
  for (let run = 0; run < 3; run++) {
    const { lhr } = await lighthouse(new URL(page, base).href, { port: new URL(browser.wsEndpoint()).port, logLevel: "error", output: "json" }, config);
    for (const [id, category] of Object.entries(lhr.categories)) {
      const points = Math.round(category.score * 100);
      if (points <= (best[id] ?? -1)) continue;
      best[id] = points;
      failed[id] = category.auditRefs.filter((r) => ["numeric", "binary", "metricSavings"].includes(lhr.audits[r.id].scoreDisplayMode) && (lhr.audits[r.id].score ?? 1) < (r.weight > 0 ? 1 : 0.9))
        .map((r) => `${r.id} ${lhr.audits[r.id].displayValue ?? ""}`.trim());
    }
    if (Object.values(best).every((p) => p === 100)) break;
  }
  console.log(`${page}: Lighthouse, ${device}: ${Object.entries(best).map(([id, p]) => `${id} ${p}`).join(", ")}`);
  for (const [id, points] of Object.entries(best)) {
    if (id === "seo" && page.includes("?q=") && failed[id].length === 1 && failed[id][0] === "is-crawlable") continue;
    if (points < 100) finding(page, `Lighthouse, ${device}: ${id} ${points}: ${failed[id].join(", ")}`);
    else if (failed[id].length > 0) console.log(`${page}: note: Lighthouse, ${device}: ${failed[id].join(", ")}`);
  }
}
