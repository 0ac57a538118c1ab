// Declarations and their comments out of the .d.ts files that the compiler writes. Those have one form: a declaration begins
// at the left margin and ends with a line at the left margin, and its doc comment stands right above it.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const read = (file) => readFileSync(file, "utf8").split("\n");

/**
 * What `file`, an index.d.ts, exports, in its order: { name, module, comment, text } with the path of the module relative to
 * the index, the doc comment and the declaration as they stand there.
 */
export function exportsOf(file) {
  return reExports(readFileSync(file, "utf8")).flatMap(({ names, from }) => {
    const all = declarationsIn(join(dirname(file), from));
    const wanted = names ?? [...all.keys()];
    return wanted.map((name) => {
      const found = all.get(name);
      if (!found) throw new Error(`${file}: ${from} does not declare ${name}`);
      return { name, module: from, ...found };
    });
  });
}

/**
 * `export { type A, b } from "./c.ts"` as names and the file with the declarations; `export *` has no names. The other form is
 * an import and `export type { A }`.
 */
function reExports(text) {
  const lines = (word) =>
    [...text.matchAll(new RegExp(`^${word} (?:type )?(?:\\*|\\{([^}]*)\\})(?: from "([^"]+)")?;$`, "gm"))].map(
      ([, names, from]) => ({
        names: names
          ?.split(",")
          .map((name) => name.trim().replace(/^type /, ""))
          .filter(Boolean),
        from: from?.replace(/\.ts$/, ".d.ts"),
      }),
    );
  const imports = lines("import");
  const sourceOf = (name) => imports.find(({ names }) => names?.includes(name))?.from;
  return lines("export").flatMap(({ names, from }) =>
    from ? { names, from } : names.filter(sourceOf).map((name) => ({ names: [name], from: sourceOf(name) })),
  );
}

/** The exported declarations of a .d.ts file by name; overloads are one. What it re-exports is looked up there. */
function declarationsIn(file) {
  const found = new Map();
  for (const { names, from } of reExports(readFileSync(file, "utf8"))) {
    const there = declarationsIn(join(dirname(file), from));
    for (const name of names ?? there.keys()) found.set(name, there.get(name));
  }
  const lines = read(file);
  let comment = "";
  for (let i = 0; i < lines.length; i++) {
    const start = i;
    if (lines[i].startsWith("/**")) {
      while (!lines[i].endsWith("*/")) i++;
      comment = plainComment(lines.slice(start, i + 1));
      continue;
    }
    const name = /^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type) (\w+)/.exec(lines[i])?.[1];
    if (name) {
      while (!/^(\S.*)?[;}]$/.test(lines[i])) i++;
      const text = declaration(lines.slice(start, i + 1));
      const before = found.get(name);
      found.set(name, before ? { comment: before.comment || comment, text: `${before.text}\n${text}` } : { comment, text });
    }
    comment = "";
  }
  return found;
}

const declaration = (lines) =>
  lines
    .filter((line) => line.trim() !== "#private;")
    .join("\n")
    .replace(/^export (declare )?/, "")
    .replace(/import\("[^"]+"\)\./g, "");

/** The text between the asterisks. */
const plainComment = (lines) =>
  lines
    .map((line) =>
      line
        .replace(/^\/\*\* ?/, "")
        .replace(/ ?\*\/$/, "")
        .replace(/^ \* ?/, ""),
    )
    .join("\n")
    .trim();
