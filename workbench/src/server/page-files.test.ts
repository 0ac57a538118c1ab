import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { emptyFolder } from "../served.fixture.ts";
import { PageFiles } from "./page-files.ts";

test("serves scripts, styles and pictures of the page and the modules it imports, and nothing else", (t) => {
  const folder = emptyFolder(t);
  const map = '\n  { "imports": { "preact": "/vendor/preact.js" } }\n';
  const files = {
    "index.html": `<script type="importmap">${map}</script><script src="/a.js">x</script><script type="module">1;</script>`,
    "watch.html": "",
    "style.css": "a { color: red }",
    "tsconfig.json": "{}",
    "src/main.tsx": "1;",
    "dist/page/src/main.js": "1;",
    "dist/page/src/main.test.js": "1;",
    "dist/page/src/main.d.ts": "1;",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const page = new PageFiles("index.html", folder);
  assert.deepEqual(
    page.scriptHashes,
    [map, "1;"].map((text) => `sha256-${createHash("sha256").update(text).digest("base64")}`),
  );
  const served = {
    "/": "text/html; charset=utf-8",
    "/page/style.css": "text/css; charset=utf-8",
    "/page/dist/page/src/main.js": "text/javascript; charset=utf-8",
    "/vendor/preact.js": "text/javascript; charset=utf-8",
    "/vendor/@preact/signals-core.js": "text/javascript; charset=utf-8",
    "/vendor/openseadragon.js": "text/javascript; charset=utf-8",
  };
  for (const [address, type] of Object.entries(served)) assert.equal(page.file(address)?.type, type, address);
  const file = page.file("/page/style.css");
  assert.equal(gunzipSync(file?.gzipped ?? "").toString(), "a { color: red }");
  const none = ["/index.html", "/page/index.html", "/page/watch.html", "/page/tsconfig.json", "/page/src/main.tsx"];
  for (const address of [...none, "/page/dist/page/src/main.test.js", "/page/dist/page/src/main.d.ts", "/vendor/hono.js"])
    assert.equal(page.file(address), undefined, address);
});

test("the modules import nothing that the page does not get", () => {
  const page = new PageFiles("index.html");
  const modules = [
    "preact",
    "preact/hooks",
    "preact/jsx-runtime",
    "@preact/signals",
    "@preact/signals-core",
    "flatbush",
    "flatqueue",
  ];
  for (const name of modules) {
    const text = page.file(`/vendor/${name}.js`)?.bytes.toString() ?? "";
    const imported = [...text.matchAll(/\b(?:from|import)\s*["']([^"']+)["']/g)].map(([, target]) => target);
    assert.ok(text.length > 0);
    for (const target of imported) assert.ok(modules.includes(target), `${name} imports ${target}`);
  }
});
