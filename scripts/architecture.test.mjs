// A room of src/ imports only rooms below it (rooms.mjs), and plain rooms import no tensors. Checks the import lines of all
// sources; tests and their fixtures may import any room. The workbench stands above: it takes src/plain.ts, and nothing takes it.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { rooms } from "./rooms.mjs";
import { filesUnder } from "./stamp.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const floors = new Map(rooms.map(({ name }, floor) => [name, floor]));
const plainRooms = new Set(rooms.filter(({ plain }) => plain).map(({ name }) => name));
const tensors = "@sparsecell/torch";

const roomOf = (path) => /^src\/([^/]+)\//.exec(path)?.[1];
const isTest = (path) => /\.(test|fixture)\.ts$/.test(path);
/** Why `file` may not import `target` (both paths in the project, or a package's name); null when it may. */
export function forbidden(file, target) {
  const [from, to] = [roomOf(file), roomOf(target)];
  if (file.startsWith("torch/"))
    return target.startsWith("src/") || target === "sparsecell" ? "torch/ knows nothing about the project" : null;
  if (file.startsWith("workbench/")) return forbiddenInWorkbench(file, target);
  if (target.startsWith("workbench/") || target === "@sparsecell/workbench") return "nothing is built on the workbench";
  if (target.startsWith("torch/")) return `import ${tensors}, not its files`;
  for (const room of [from, to]) if (room && !floors.has(room)) return `scripts/rooms.mjs does not list the room ${room}/`;
  if (isTest(file)) return null;
  if (plainRooms.has(from) && (target === tensors || (to && !plainRooms.has(to)))) return "plain numbers only";
  if (/^src\/detector\/[\w-]*loss\.ts$/.test(file) && to === "methods" && target !== "src/methods/calibration.ts")
    return "losses know no method, only the seam methods/calibration.ts";
  if (target === "src/index.ts") return "index.ts is for users of the library";
  if (floors.get(to) > floors.get(from)) return `${from}/ comes before ${to}/`;
  if (file === "src/plain.ts") return to && !plainRooms.has(to) ? "plain.ts needs no libtorch" : null;
  if (from === undefined && to !== undefined && file !== "src/index.ts") return "files beside the rooms import no room";
  return null;
}

/** Between server and page. */
const shared = ["api", "project/state", "project/things", "project/effects"].map((name) => `workbench/src/${name}.ts`);

function forbiddenInWorkbench(file, target) {
  if (isTest(file)) return null;
  if (target === tensors || /^(src|torch)\//.test(target)) return "the workbench imports src/sparsecell.ts";
  if (target.startsWith("dist/"))
    return file === "workbench/src/sparsecell.ts" && target === "dist/plain.js"
      ? null
      : "the workbench imports src/sparsecell.ts";
  const [fromPage, toPage] = [file, target].map((path) => path.startsWith("workbench/page/"));
  if (shared.includes(file) && target.includes("/") && !shared.includes(target))
    return "what server and page share imports nothing";
  if (fromPage && target.startsWith("workbench/") && !toPage && !shared.includes(target))
    return "the page shares api.ts and state.ts";
  if (fromPage && target.startsWith("node:")) return "the page runs in a browser";
  return !fromPage && toPage ? "the server serves the page, and imports nothing of it" : null;
}

/** What a TypeScript source imports or re-exports: paths in the project or names of packages. */
function importsOf(file, text) {
  const specifiers = [
    ...text.matchAll(/^\s*(?:import|export)\b[^;"']*?\bfrom\s*"([^"]+)"|^\s*import\s*"([^"]+)"|\bimport\("([^"]+)"\)/gm),
  ].map((match) => match[1] ?? match[2] ?? match[3]);
  return specifiers.map((name) => (name.startsWith(".") ? posix.normalize(posix.join(posix.dirname(file), name)) : name));
}

const sources = ["src", "torch/src", "workbench/src", "workbench/page/src"]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => filesUnder(join(root, folder)))
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => relative(root, path).replaceAll("\\", "/"));

test("every import follows the architecture", () => {
  const arrows = sources.flatMap((file) =>
    importsOf(file, readFileSync(join(root, file), "utf8")).map((target) => ({ file, target })),
  );
  assert.ok(arrows.length > sources.length, "import lines were found");
  const wrong = arrows
    .filter(({ file, target }) => forbidden(file, target))
    .map(({ file, target }) => `${file} imports ${target}: ${forbidden(file, target)}`);
  assert.deepEqual(wrong, []);
});

test("the rules refuse wrong imports and allow right ones", () => {
  const no = [
    ["src/data/a.ts", tensors],
    ["src/runs/a.ts", tensors],
    ["src/report/a.ts", "src/detector/b.ts"],
    ["src/data/a.ts", "src/evaluate/b.ts"],
    ["src/files/a.ts", "src/data/b.ts"],
    ["src/methods/boxes-density.ts", tensors],
    ["src/detector/roi-loss.ts", "src/methods/bde.ts"],
    ["src/detector/a.ts", "src/train/b.ts"],
    ["src/train/a.ts", "src/cli/progress.ts"],
    ["src/runs/a.ts", "src/report/b.ts"],
    ["src/report/a.ts", "src/experiment/b.ts"],
    ["src/unheard-of/a.ts", "src/data/b.ts"],
    ["src/random.ts", "src/geometry/box.ts"],
    ["src/detector/a.ts", "torch/src/tensor.ts"],
    ["src/train/a.ts", "src/index.ts"],
    ["torch/src/a.ts", "src/random.ts"],
    ["src/cli/commands/open.ts", "workbench/src/index.ts"],
    ["src/plain.ts", "src/train/run.ts"],
    ["workbench/src/server/app.ts", "dist/plain.js"],
    ["workbench/src/sparsecell.ts", "dist/index.js"],
    ["workbench/src/rounds/a.ts", "src/train/run.ts"],
    ["workbench/src/project/state.ts", "workbench/src/sparsecell.ts"],
    ["workbench/page/src/a.tsx", "workbench/src/server/app.ts"],
    ["workbench/page/src/a.tsx", "node:fs"],
    ["workbench/src/index.ts", "workbench/page/src/main.tsx"],
  ];
  const yes = [
    ["src/data/a.ts", "src/random.ts"],
    ["src/evaluate/a.ts", "src/data/b.ts"],
    ["src/detector/a.ts", tensors],
    ["src/detector/roi-loss.ts", "src/methods/calibration.ts"],
    ["src/methods/bde.ts", "src/methods/boxes-density.ts"],
    ["src/report/a.ts", "src/runs/b.ts"],
    ["src/cli/train.ts", "src/train/b.ts"],
    ["src/index.ts", "src/train/b.ts"],
    ["src/detector/a.test.ts", "src/train/b.ts"],
    ["src/plain.ts", "src/runs/run-folder.ts"],
    ["workbench/src/sparsecell.ts", "dist/plain.js"],
    ["workbench/src/server/app.ts", "workbench/src/sparsecell.ts"],
    ["workbench/page/src/a.tsx", "workbench/src/project/state.ts"],
    ["workbench/page/src/a.tsx", "preact"],
  ];
  for (const [file, target] of no) assert.ok(forbidden(file, target), `${file} may not import ${target}`);
  for (const [file, target] of yes) assert.equal(forbidden(file, target), null, `${file} may import ${target}`);
});

test("all forms of import lines are read", () => {
  const text =
    'import { a } from "./a.ts";\nimport type {\n  B,\n} from "../train/b.ts";\nimport "./c.ts";\nexport * from "d";\nconst e = await import("./e.ts");\n// from "f"\n';
  assert.deepEqual(importsOf("src/data/x.ts", text).sort(), [
    "d",
    "src/data/a.ts",
    "src/data/c.ts",
    "src/data/e.ts",
    "src/train/b.ts",
  ]);
});
