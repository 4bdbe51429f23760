// Builds ../static/editor.js from src. The first line of the bundle records
// what it was made of, so that a test without Node can tell whether it is old.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { build } from "esbuild";
import { gemoji } from "gemoji";

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
  plugins: [
    {
      // It tries at once whether it can parse, which the content security
      // policy refuses and complains of. It is only ever given elements.
      name: "turndown-without-parser",
      setup({ onLoad }) {
        onLoad({ filter: /turndown\.browser\.es\.js$/ }, ({ path }) => {
          const parser = "canParseHTMLNatively() ? root.DOMParser : createHTMLParser()";
          const contents = readFileSync(path, "utf8");
          if (!contents.includes(parser)) throw new Error("turndown has its parser elsewhere now");
          return { contents: contents.replace(parser, "null") };
        });
      },
    },
    {
      name: "emoji-list", // names and characters alone: a tenth of the package
      setup({ onLoad, onResolve }) {
        onResolve({ filter: /^emoji-list$/ }, ({ path }) => ({ path, namespace: "emoji" }));
        onLoad({ filter: /.*/, namespace: "emoji" }, () => ({
          contents: gemoji.map(({ names, emoji }) => [...names, emoji].join(" ")).join("\n"),
          loader: "text",
        }));
      },
    },
  ],
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
