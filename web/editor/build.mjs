// Builds ../static/editor.js from src. The first line of the bundle records
// what it was made of, so that a test without Node can tell whether it is old.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { build } from "esbuild";

const folder = new URL(".", import.meta.url).pathname;
const digest = createHash("sha256");
const sources = [...readdirSync(folder + "src").map((name) => "src/" + name), "build.mjs", "package-lock.json", "package.json"].sort();
for (const name of sources) digest.update(name + "\n").update(readFileSync(folder + name));

const result = await build({
  absWorkingDir: folder,
  entryPoints: ["src/main.js"],
  outfile: process.argv[2] ?? "../static/editor.js",
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  banner: { js: `/* made by "make editor" of sources ${digest.digest("hex")} */` },
  alias: {
    "style-mod": "./src/stylesheets.js",
    "@codemirror/lang-html": "./src/nohtml.js",
  },
});

if (process.env.SIZES) {
  const [output] = Object.values(result.metafile.outputs);
  const packages = {};
  for (const [name, { bytesInOutput }] of Object.entries(output.inputs)) {
    const owner = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? "src";
    packages[owner] = (packages[owner] ?? 0) + bytesInOutput;
  }
  console.table(Object.fromEntries(Object.entries(packages).sort((a, b) => b[1] - a[1])));
}
