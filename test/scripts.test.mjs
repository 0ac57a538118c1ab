// Benchmarks and experiments of their own take hours, so no test runs them; but what they import is there.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const scripts = ["benchmarks", "benchmarks/gpu-check", "experiments"].flatMap((folder) => {
  const dir = new URL(`../${folder}/`, import.meta.url);
  return readdirSync(dir)
    .filter((name) => name.endsWith(".mjs"))
    .map((name) => ({ name: `${folder}/${name}`, url: new URL(name, dir) }));
});

/** `import { a, b as c } from "x"` and `const { a, b: c } = await import("x")`: what is taken, and from where. */
function imports(text) {
  const forms = [/import \{([^}]*)\} from "([^"]+)"/g, /const \{([^}]*)\} = await import\("([^"]+)"\)/g];
  return forms.flatMap((form) =>
    [...text.matchAll(form)].map(([, names, from]) => ({
      from,
      names: names.split(",").flatMap((name) => name.trim().split(/ as |:/)[0] || []),
    })),
  );
}

/** Packages, and what was compiled: those may be imported for their names alone. A path from / is one of a page. */
const isLibrary = (from) => (from.startsWith(".") ? from.includes("/dist/") : !from.startsWith("/"));

for (const { name, url } of scripts)
  test(`${name}: what it imports is there`, async () => {
    for (const { from, names } of imports(readFileSync(url, "utf8"))) {
      if (!isLibrary(from)) continue;
      const module = await import(from.startsWith(".") ? new URL(from, url) : from);
      for (const one of names) assert.ok(one in module, `${fileURLToPath(url)}: ${from} has no ${one}`);
    }
  });

test("imports of both forms are seen", () => {
  const text = 'import { a, b as c } from "x";\nconst { d,\n e: f } = await import("../dist/y.js");';
  assert.deepEqual(imports(text), [
    { from: "x", names: ["a", "b"] },
    { from: "../dist/y.js", names: ["d", "e"] },
  ]);
});
