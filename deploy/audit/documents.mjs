// What the documents are as they are sent: HTML by the Nu checker, and entries
// by a parser of microformats.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { mf2 } from "microformats-parser";

const require = createRequire(import.meta.url);

// nu checks documents, given by their addresses, and returns how many warnings
// there are.
export function nu(documents, folder, finding) {
  const files = new Map();
  for (const [page, text] of documents) {
    const file = join(folder, `${files.size}.html`);
    writeFileSync(file, text);
    files.set(`file:${file}`, page);
  }
  const run = spawnSync("java", ["-jar", require("vnu-jar"), "--format", "json", "--stdout", "--exit-zero-always", ...[...files.keys()].map((f) => f.slice(5))],
    { encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.error || run.status !== 0) {
    finding("the Nu checker", `${run.error ?? run.stderr}`);
    return 0;
  }
  let warnings = 0;
  for (const m of JSON.parse(run.stdout).messages) {
    const text = `${m.message} (line ${m.lastLine}: ${(m.extract ?? "").replaceAll("\n", "⏎").slice(0, 120)})`;
    if (m.type !== "info") finding(files.get(m.url) ?? m.url, `Nu: ${text}`);
    else if (++warnings) console.log(`${files.get(m.url)}: note: ${text}`);
  }
  return warnings;
}

// entries checks that a page is an h-entry, or an h-feed of some, and that each
// has what its readers need (microformats.org/wiki/h-entry), and returns their
// number.
export function entries(page, text, base, finding) {
  const { items } = mf2(text, { baseUrl: new URL(page, base).href });
  const feed = items.find((i) => i.type.includes("h-feed"));
  const found = feed ? feed.children ?? [] : items.filter((i) => i.type.includes("h-entry"));
  for (const { type, properties: p } of found) {
    const name = p.name?.[0];
    if (!type.includes("h-entry")) finding(`${type} in the h-feed`);
    // A part of a series says no author, as the series is by one mostly.
    for (const wanted of ["name", "url", "published", ...(page.startsWith("/series/") ? [] : ["author"])]) {
      if (!p[wanted]?.[0]) finding(`h-entry ${name}: no ${wanted}`);
    }
    if (!p.summary && !p.content) finding(`h-entry ${name}: neither summary nor content`);
    if (!feed && !p.content?.[0]?.value) finding(`h-entry ${name}: no content`);
    for (const url of p.url ?? []) if (!URL.canParse(url)) finding(`h-entry ${name}: address ${url}`);
    for (const at of [...(p.published ?? []), ...(p.updated ?? [])]) if (Number.isNaN(Date.parse(at))) finding(`h-entry ${name}: time ${at}`);
    const author = p.author?.[0];
    if (author && !(author.type?.includes("h-card") && author.properties.name?.[0])) finding(`h-entry ${name}: the author is no h-card with a name`);
  }
  return found.length;
}
