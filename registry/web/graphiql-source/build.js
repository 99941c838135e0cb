// Bundles GraphiQL into ../static/graphiql, with a manifest: what is in it, under which licence, with which SHA-256.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../static/graphiql"));

// What is put in place of parts of the packages that nobody needs here: [file, part of its text, what stands instead].
const changes = [
  [/graphiql\/react\/dist\/utility\/create-editor\.js$/, '"\\"Fira Code\\""', `'ui-monospace, "Noto Sans Mono", monospace'`],
  [/graphiql\/react\/dist\/constants\.js$/, 'foreground: "#908aff"', 'foreground: "#9f9aff" }, { token: "comment", foreground: "#8fb573"'],
];

const replaced = {
  name: "replaced",
  setup({ onResolve, onLoad }) {
    // Monaco with the editor's features that GraphiQL shows, instead of all of them.
    onResolve({ filter: /monaco-graphql\/esm\/monaco-editor\.js$|^\.\/monaco-editor$/ }, ({ resolveDir, path }) =>
      path.startsWith("monaco-graphql") || resolveDir.endsWith("monaco-graphql/esm") ? { path: join(here, "monaco.js") } : null,
    );
    // JSON is laid out by the parser that is there already, instead of by a compiler of JavaScript.
    onResolve({ filter: /utility\/jsonc\.js$|^\.\/jsonc\.js$/ }, ({ importer }) =>
      importer.includes("@graphiql/react") ? { path: join(here, "json.js") } : null,
    );
    // The worker never lays out queries: the toolbar's button does.
    onResolve({ filter: /^prettier\// }, ({ importer }) =>
      importer.includes("monaco-graphql") ? { path: join(here, "nothing.js") } : null,
    );
    for (const [filter, text, instead] of changes) {
      onLoad({ filter }, ({ path }) => {
        const source = readFileSync(path, "utf8");
        if (!source.includes(text)) throw new Error(`${path} does not say ${text} any more`);
        return { contents: source.replace(text, instead), loader: "js" };
      });
    }
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: {
    graphiql: "graphiql.jsx",
    editor: "monaco-editor/esm/vs/editor/editor.worker.js",
    graphql: "monaco-graphql/esm/graphql.worker.js",
    json: "monaco-editor/esm/vs/language/json/json.worker.js",
  },
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  assetNames: "[name]-[hash]",
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  jsx: "automatic",
  legalComments: "none",
  loader: { ".ttf": "file" },
  define: { "process.env.NODE_ENV": '"production"' },
  metafile: true,
  plugins: [replaced],
  logLevel: "warning",
});

// Style sheets of parts repeat what the page's own has.
for (const file of readdirSync(out)) if (file.startsWith("part-") && file.endsWith(".css")) rmSync(join(out, file));

// Which package each file of the bundle is made of, and under which licence that is.
const packages = new Map();
for (const { inputs } of Object.values(result.metafile.outputs)) {
  for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
    const at = input.lastIndexOf("node_modules/");
    if (at < 0 || !bytesInOutput) continue;
    const name = input.slice(at + 13).match(/^(@[^/]+\/)?[^/]+/)[0];
    packages.set(name, join(here, input.slice(0, at + 13), name));
  }
}
const licences = [];
const made = [...packages].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, folder]) => {
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
  const texts = readdirSync(folder).filter((each) => each === file || /^thirdpartynotices/i.test(each)).sort();
  const text = texts.map((each) => readFileSync(join(folder, each), "utf8").trim()).join("\n\n") || `Licence: ${license}`;
  licences.push(`${name} ${version} (${license})\n${"=".repeat(70)}\n\n${text}\n`);
  return { name, version, licence: license };
});
writeFileSync(join(out, "LICENCES.txt"), licences.join("\n\n").replace(/[ \t]+$/gm, ""));

const files = {};
for (const file of readdirSync(out).sort()) {
  const content = readFileSync(join(out, file));
  files[file] = { sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length };
}
const named = (start, end) => Object.keys(files).find((each) => each.startsWith(start) && each.endsWith(end));
const manifest = {
  about: "GraphiQL, bundled by registry/web/graphiql-source/build.js.",
  entry: { script: named("graphiql-", ".js"), style: named("graphiql-", ".css") },
  workers: Object.fromEntries(["editor", "graphql", "json"].map((name) => [name, named(`${name}-`, ".js")])),
  packages: made,
  files,
};
writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
console.log(Object.entries(files).map(([name, { bytes }]) => `${String(bytes).padStart(9)} ${name}`).join("\n"));
