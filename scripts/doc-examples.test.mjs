// Every export of the library has a comment, and an @example if it is not a type; the examples fit the types. An example may use
// names that it does not declare (`detector`, `images`): those are taken for anything; all else is checked as in a program.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { exportsOf } from "./docs/declarations.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const exported = exportsOf(join(root, "dist/index.d.ts"));
const examples = exported.flatMap(({ name, comment }) =>
  comment
    .split(/^@example\b/m)
    .slice(1)
    .map((text, i) => ({ name: `${name}-${i + 1}`, text: text.replace(/^```\w*$/gm, "").trim() })),
);

const isType = ({ text }) => /^(?:interface|type) /.test(text);
const unknownNames = /error TS(?:2304|2552|18004):/; // "Cannot find name 'detector'"

/** The example as a module: what it uses of the library and does not declare is imported. */
function moduleOf({ text }) {
  const used = exported.filter(
    ({ name }) =>
      new RegExp(`\\b${name}\\b(?!:)`).test(text) &&
      !new RegExp(`\\b(?:const|let|function|class)\\b[^=]*\\b${name}\\b[^=]*=|import.*\\b${name}\\b`).test(text),
  );
  const names = used.map((each) => (isType(each) ? `type ${each.name}` : each.name));
  return `import { ${names.join(", ")} } from "sparsecell";\n${text}\nexport {};\n`;
}

test("every export has a comment, and an example if it is not a type", () => {
  const lacking = exported.filter((each) => !each.comment || !(isType(each) || each.comment.includes("@example")));
  assert.deepEqual(
    lacking.map(({ name, module }) => `${name} of ${module}`),
    [],
  );
});

test("examples in comments fit the library's types", () => {
  mkdirSync(join(root, "build"), { recursive: true });
  const folder = mkdtempSync(join(root, "build/examples-")); // in the project, where "sparsecell" is known
  try {
    for (const example of examples) writeFileSync(join(folder, `${example.name}.ts`), moduleOf(example));
    const compilerOptions = { rootDir: root, noEmit: true, noUnusedLocals: false, declaration: false, noImplicitAny: false };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: join(root, "tsconfig.base.json"), compilerOptions, include: ["."] }),
    );
    const { stdout } = spawnSync(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--pretty", "false"],
      { encoding: "utf8", cwd: folder },
    );
    assert.ok(examples.length > 10);
    assert.deepEqual(
      stdout.split("\n").filter((line) => line.includes("error") && !unknownNames.test(line)),
      [],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
