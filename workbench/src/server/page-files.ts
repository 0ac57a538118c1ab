// The files that the browser gets: the page, its scripts and styles, and the modules they import. All are known when the server
// starts, so that no address leads to any other file.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const TYPES: { readonly [extension: string]: string } = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** Modules that the page imports by name; its import map has them at /vendor/NAME.js. */
const MODULES = [
  "preact",
  "preact/hooks",
  "preact/jsx-runtime",
  "@preact/signals",
  "@preact/signals-core",
  "flatbush",
  "flatqueue",
];

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

export class PageFiles {
  readonly #paths = new Map<string, string>();
  readonly #files = new Map<string, PageFile>();
  /** Of the scripts inside the page (its import map), for the content security policy. */
  readonly scriptHashes: readonly string[];

  /** `name`: of the page, that of a project or that of a run. */
  constructor(name: "index.html" | "watch.html", folder = fileURLToPath(new URL("../../page/", import.meta.url))) {
    for (const module of MODULES) this.#paths.set(`/vendor/${module}.js`, fileURLToPath(import.meta.resolve(module)));
    const viewer = fileURLToPath(import.meta.resolve("openseadragon"));
    this.#paths.set("/vendor/openseadragon.js", viewer.replace(/(\.min)?\.js$/, ".min.js"));
    const page = join(folder, name);
    this.scriptHashes = [];
    if (!existsSync(page)) return; // the interface alone is served
    this.#paths.set("/", page);
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      const inside = file.replaceAll("\\", "/");
      if (!inside.endsWith(".html") && extname(inside) in TYPES && !inside.endsWith(".test.js"))
        this.#paths.set(`/page/${inside}`, join(folder, file));
    }
    this.scriptHashes = inlineScripts(readFileSync(page, "utf8")).map(
      (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`,
    );
  }

  /** Read once, at the first request. */
  file(address: string): PageFile | undefined {
    const path = this.#paths.get(address);
    if (path === undefined) return undefined;
    let file = this.#files.get(address);
    if (file === undefined) {
      const bytes = readFileSync(path);
      file = { type: TYPES[extname(path) === ".mjs" ? ".js" : extname(path)], bytes, gzipped: gzipSync(bytes, { level: 9 }) };
      this.#files.set(address, file);
    }
    return file;
  }
}

export const inlineScripts = (html: string): string[] =>
  [...html.matchAll(/<script\b(?![^>]*\bsrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(([, text]) => text);
