// Audits the readers' pages of a running blog:
//
//	node audit.mjs http://localhost:8080 [--without-lighthouse]
//
// Every page is checked by axe-core (all rules, three widths, light and dark) and
// by the Nu checker; the most important ones by Lighthouse. It counts what a page
// transfers, and fails on any finding.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import lighthouse, { desktopConfig } from "lighthouse";
import puppeteer from "puppeteer-core";

const require = createRequire(import.meta.url);
const base = new URL(process.argv[2] ?? "http://localhost:8080");
const widths = [390, 820, 1280];
const schemes = ["light", "dark"];
const mostBytes = 60_000; // of a page without its images, over the wire
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

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
  const pages = await discover();
  console.log(`${pages.length} pages: ${pages.join(" ")}`);
  for (const page of pages) {
    await transfers(page);
    for (const width of widths) {
      for (const scheme of schemes) await axe(page, width, scheme);
    }
  }
  await nu(pages);
  if (!process.argv.includes("--without-lighthouse")) {
    const post = pages.find((p) => p.startsWith("/posts/"));
    for (const page of ["/", post, "/search?q=markdown"]) {
      await score(page, "phone", undefined);
      await score(page, "desktop", desktopConfig);
    }
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(findings === 0 ? "no findings" : `${findings} findings`);
process.exit(findings === 0 ? 0 : 1);

// discover follows the blog's own links: of each kind of page a few.
async function discover() {
  const found = new Set(["/", "/tags", "/search", "/search?q=markdown", "/search?q=nothingisfound", "/nothing-here", "/posts/nothing-here"]);
  const kinds = new Map();
  for (const page of found) {
    const text = await (await fetch(new URL(page, base))).text();
    for (const [, href] of text.matchAll(/<a [^>]*?href="([^"#]*)/g)) {
      const url = new URL(href.replaceAll("&amp;", "&"), new URL(page, base));
      if (url.origin !== base.origin || url.pathname.startsWith("/admin") || /\.(md|atom|rss|json|xml|txt|png)$/.test(url.pathname)) continue;
      const kind = url.pathname.replace(/^(\/[^/]*).*/, "$1") + [...url.searchParams.keys()].sort();
      kinds.set(kind, (kinds.get(kind) ?? 0) + (found.has(url.pathname + url.search) ? 0 : 1));
      if (kinds.get(kind) <= (kind === "/posts" ? 30 : 6)) found.add(url.pathname + url.search);
    }
  }
  return [...found].sort();
}

async function open(width, scheme) {
  const tab = await browser.newPage();
  await tab.setViewport({ width, height: 900, deviceScaleFactor: 1 });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
  return tab;
}

// axe runs as the browser's own, so that the page's policy does not stop it.
async function axe(page, width, scheme) {
  const tab = await open(width, scheme);
  try {
    await tab.setBypassCSP(true);
    await tab.goto(new URL(page, base).href, { waitUntil: "load" });
    await tab.evaluate(axeSource);
    const result = await tab.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    for (const v of result.violations) {
      for (const node of v.nodes.slice(0, 3)) finding(page, `axe ${v.id} (${v.impact}), ${width} ${scheme}: ${v.help}: ${node.html.slice(0, 160)}`);
    }
    const wider = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wider > 0) finding(page, `at ${width} the page is ${wider} pixels too wide`);
  } finally {
    await tab.close();
  }
}

// transfers checks what a first visit loads and leaves behind.
async function transfers(page) {
  const context = await browser.createBrowserContext();
  const tab = await context.newPage();
  let bytes = 0;
  const images = new Set();
  const session = await tab.createCDPSession();
  await session.send("Network.enable");
  session.on("Network.responseReceived", ({ requestId, type, response }) => {
    if (type === "Image" || response.mimeType.startsWith("image/")) images.add(requestId);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (!images.has(requestId)) bytes += encodedDataLength;
  });
  tab.on("request", (r) => {
    const url = new URL(r.url());
    if (url.protocol !== "data:" && url.origin !== base.origin) finding(page, `asks ${url.origin} for ${url.pathname}`);
  });
  tab.on("console", (m) => {
    const missing = m.text().includes("404") && page.includes("nothing-here");
    if ((m.type() === "error" || m.type() === "warn") && !missing) finding(page, `console: ${m.text()}`);
  });
  tab.on("pageerror", (e) => finding(page, `script: ${e.message}`));
  await tab.goto(new URL(page, base).href, { waitUntil: "networkidle0" });
  const cookies = await context.cookies();
  if (cookies.length > 0) finding(page, `sets cookies: ${cookies.map((c) => c.name)}`);
  if (bytes > mostBytes) finding(page, `transfers ${bytes} bytes without images, ${mostBytes} are allowed`);
  await context.close();
}

// nu checks the documents as they are sent.
async function nu(pages) {
  const files = new Map();
  for (const [i, page] of pages.entries()) {
    const file = join(folder, `${i}.html`);
    writeFileSync(file, Buffer.from(await (await fetch(new URL(page, base))).arrayBuffer()));
    files.set(`file:${file}`, page);
  }
  const jar = require("vnu-jar");
  const run = spawnSync("java", ["-jar", jar, "--format", "json", "--stdout", "--exit-zero-always", ...[...files.keys()].map((f) => f.slice(5))],
    { encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.error || run.status !== 0) {
    finding("the Nu checker", `${run.error ?? run.stderr}`);
    return;
  }
  for (const m of JSON.parse(run.stdout).messages) {
    const text = `${m.message} (line ${m.lastLine}: ${(m.extract ?? "").replaceAll("\n", "⏎").slice(0, 120)})`;
    if (m.type === "error" || m.type === "non-document-error") finding(files.get(m.url) ?? m.url, `Nu: ${text}`);
    else console.log(`${files.get(m.url)}: note: ${text}`);
  }
}

// score wants 100 in each category, in the best of three runs: noise only ever
// takes points away.
async function score(page, device, config) {
  const best = {}, failed = {};
  for (let run = 0; run < 3; run++) {
    const result = await lighthouse(new URL(page, base).href, { port: new URL(browser.wsEndpoint()).port, logLevel: "error", output: "json" }, config);
    for (const [id, category] of Object.entries(result.lhr.categories)) {
      const points = Math.round(category.score * 100);
      if (points <= (best[id] ?? -1)) continue;
      best[id] = points;
      failed[id] = category.auditRefs.filter((r) => r.weight > 0 && (result.lhr.audits[r.id].score ?? 1) < 1).map((r) => r.id);
    }
    if (Object.values(best).every((p) => p === 100)) break;
  }
  console.log(`${page}: Lighthouse, ${device}: ${Object.entries(best).map(([id, p]) => `${id} ${p}`).join(", ")}`);
  for (const [id, points] of Object.entries(best)) {
    if (points < 100) finding(page, `Lighthouse, ${device}: ${id} ${points}: ${failed[id]}`);
  }
}
