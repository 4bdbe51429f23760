// What a browser finds on a page: what it loads, what axe-core says, and what is
// left without JavaScript. Each function reports to finding(text).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const readersWidths = [390, 820, 1360];
const schemes = ["light", "dark"];
export const mostBytes = 60_000; // of a page without its images, over the wire

// transfers checks what a first visit loads and leaves behind, and returns how
// many bytes it took without images.
export async function transfers(browser, url, status, finding) {
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
    const to = new URL(r.url());
    if (to.protocol !== "data:" && to.origin !== url.origin) finding(`asks ${to.origin} for ${to.pathname}`);
  });
  tab.on("response", (r) => {
    if (r.headers()["set-cookie"]) finding(`${r.url()} sets a cookie`);
    if (r.url() === url.href ? r.status() !== status : r.status() >= 400) finding(`${r.url()} answers ${r.status()}`);
  });
  tab.on("console", (m) => {
    const expected = status >= 400 && m.text().includes(`${status}`);
    if ((m.type() === "error" || m.type() === "warn") && !expected) finding(`console: ${m.text()}`);
  });
  tab.on("pageerror", (e) => finding(`script: ${e.message}`));
  await tab.goto(url.href, { waitUntil: "networkidle0" });
  const cookies = await context.cookies();
  if (cookies.length > 0) finding(`sets cookies: ${cookies.map((c) => c.name)}`);
  if (bytes > mostBytes) finding(`transfers ${bytes} bytes without images, ${mostBytes} are allowed`);
  await context.close();
  return bytes;
}

// axe runs all rules, those of the level AAA and the experimental ones too. It
// runs as the browser's own, so that the page's policy does not stop it. prepare
// does first what leads to a state of the page.
export async function axe(browser, url, finding, { widths = readersWidths, prepare } = {}) {
  const tab = await browser.newPage();
  const said = new Set();
  try {
    await tab.setBypassCSP(true);
    for (const width of widths) {
      await tab.setViewport({ width, height: 900, deviceScaleFactor: 1 });
      await tab.goto(url.href, { waitUntil: "load" });
      await prepare?.(tab);
      await tab.evaluate(axeSource);
      for (const scheme of schemes) {
        await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }, { name: "prefers-reduced-motion", value: "reduce" }]);
        const violations = await tab.evaluate(async () => {
          const rules = Object.fromEntries(globalThis.axe.getRules().map((r) => [r.ruleId, { enabled: true }]));
          const found = await globalThis.axe.run(document, { rules, resultTypes: ["violations"] });
          return found.violations.flatMap((v) => v.nodes.map((n) => ({ rule: v.id, help: v.help, html: n.html.slice(0, 160), why: n.failureSummary.split("\n")[1]?.trim() })));
        });
        for (const v of violations) {
          const text = `axe ${v.rule}: ${v.help}: ${v.html}: ${v.why}`;
          if (!said.has(text)) finding(`${text} (${width} ${scheme})`);
          said.add(text);
        }
      }
      const wider = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (wider > 0) finding(`at ${width} the page is ${wider} pixels too wide`);
    }
  } finally {
    await tab.close();
  }
}

// withoutScript compares the page without JavaScript with the page that has it:
// all that can be read is there, and nothing that can be pressed does nothing.
export async function withoutScript(browser, url, finding) {
  const words = () => {
    const text = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const within = walk.currentNode.parentElement;
      if (!within.closest("script, style, button, [hidden], .theme")) text.push(walk.currentNode.data);
    }
    return text.join(" ").replace(/\s+/g, " ");
  };
  const dead = () => [...document.querySelectorAll("a:not([href]), button:not([popovertarget])")]
    .filter((e) => e.checkVisibility() && !(e.form?.hasAttribute("action") && e.type === "submit"))
    .map((e) => e.outerHTML.slice(0, 120));
  const found = [];
  for (const script of [true, false]) {
    const tab = await browser.newPage();
    await tab.setJavaScriptEnabled(script);
    await tab.goto(url.href, { waitUntil: "load" });
    found.push(await tab.evaluate(words));
    if (!script) for (const element of await tab.evaluate(dead)) finding(`without JavaScript, nothing happens by ${element}`);
    await tab.close();
  }
  const [all, plain] = found;
  if (all === plain) return;
  const at = [...all].findIndex((c, i) => c !== plain[i]);
  finding(`without JavaScript the words differ: ${plain.slice(at - 20, at + 80)} | ${all.slice(at - 20, at + 80)}`);
}
