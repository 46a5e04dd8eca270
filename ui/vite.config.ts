/** Builds the page into todo/app, which the web server serves: content-hashed assets, and a service worker that knows them. */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const OUTPUT = "../todo/app";
/** Whose API the page uses while `npx vite` serves it from its source. */
const SERVER = process.env.TASKOVERFLOW_URL ?? "http://127.0.0.1:6400";
const COMPRESSED = /\.(js|css|html|svg|webmanifest)$/;

/** Tells the service worker which files make up the page, and puts a compressed copy beside each. */
function finish(): Plugin {
  let output = OUTPUT;
  return {
    name: "finish",
    apply: "build",
    configResolved(config) {
      output = resolve(config.root, config.build.outDir);
    },
    writeBundle(_, bundle) {
      const names = Object.keys(bundle).filter((name) => name !== "sw.js");
      const files = [...names.filter((name) => name !== "index.html"), "icon.svg", "manifest.webmanifest"].sort();
      const version = createHash("sha256");
      for (const name of [...files, "index.html"]) version.update(name).update(readFileSync(join(output, name)));
      const worker = join(output, "sw.js");
      const source = readFileSync(worker, "utf8")
        .replace(/["'`]__VERSION__["'`]/, JSON.stringify(version.digest("hex").slice(0, 16)))
        .replace(/["'`]__FILES__["'`]/, JSON.stringify(JSON.stringify(files)));
      writeFileSync(worker, source);
      // The same page for addresses that lie two folders further down: its parts are where they were.
      const page = readFileSync(join(output, "index.html"), "utf8");
      writeFileSync(join(output, "deeper.html"), page.replaceAll(/(href|src)="\.\//g, '$1="../../'));
      for (const name of [...files, "index.html", "deeper.html", "sw.js"].filter((name) => COMPRESSED.test(name))) {
        writeFileSync(
          join(output, `${name}.gz`),
          gzipSync(readFileSync(join(output, name)), { level: constants.Z_BEST_COMPRESSION }),
        );
      }
    },
  };
}

export default defineConfig({
  base: "./", // the page may be served below a path
  plugins: [finish()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: { proxy: Object.fromEntries(["/api", "/docs", "/feeds", "/openapi.json"].map((path) => [path, SERVER])) },
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the page's policy lets nothing in from `data:`
    rolldownOptions: {
      input: { index: "index.html", sw: "src/sw.ts" },
      output: { entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
});
