// Everything between a fresh clone and a running program: libtorch and the tools to build against it, npm packages, the native
// addon, TypeScript. `npm start` and `npm test` call it; it does only what is missing, and is silent when nothing is. Of the
// installed package, whose TypeScript is compiled, it builds the addon: `npx sparsecell setup`, or the first command that computes.
//   node scripts/setup.mjs --typescript   compiles TypeScript and nothing else: what `npm pack` needs
//   LIBTORCH=FOLDER   use the libtorch in FOLDER (include/ and lib/) instead of the one that set-up would find
// Plain JavaScript without dependencies, because it runs before anything is installed.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addonIsBuilt, buildAddon, buildSlideReader, buildTypeScript, installNodePackages, isClone } from "./build.mjs";
import { oneAtATime } from "./one-at-a-time.mjs";
import { SetupError, say } from "./progress.mjs";
import { ensureSystemPackages } from "./system-packages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

function prepareAddon() {
  const libtorch = ensureSystemPackages({ isBuilt: (candidate) => addonIsBuilt(root, candidate) });
  if (isClone(root)) installNodePackages(root);
  buildAddon(root, libtorch);
  buildSlideReader(root);
}

function compileTypeScript() {
  buildTypeScript(root, join(root, "torch"));
  buildTypeScript(root, root, { dependsOn: [join(root, "torch/src")] });
  const workbench = join(root, "workbench");
  buildTypeScript(root, workbench, { dependsOn: [join(root, "src")] });
  buildTypeScript(root, join(workbench, "page"), { from: workbench, dependsOn: [join(workbench, "src")] });
  const [experiments, dist] = [join(root, "experiments"), join(root, "dist/experiments")]; // these use the library, so they come last
  buildTypeScript(root, experiments, { src: experiments, dist, dependsOn: [join(root, "src")] });
}

try {
  if (Number(process.versions.node.split(".")[0]) < 20)
    throw new SetupError(`Node ${process.versions.node} is too old; install Node 20 or later`);
  oneAtATime(join(root, "build"), () => {
    if (process.argv[2] === "--typescript") installNodePackages(root);
    else prepareAddon();
    if (isClone(root)) compileTypeScript();
  });
} catch (error) {
  if (!(error instanceof SetupError) && !error.syscall) throw error; // a full disk or a read-only folder is not a bug
  say(error.message);
  say("what is here and what is missing: npx sparsecell doctor");
  process.exitCode = 1;
}
