// The child of watched.fixture.mjs: node watched-child.fixture.mjs MODULE JOBS SEED FOLDER. Prints one line of JSON before and
// after every trial. A trial holds if it ends in a result or one clear line and writes nothing outside its folder. MODULE exports
// `cases`: { NAME: async (folder) => ({ trial: async (random, number, folder) => {} }) }; number 0 is without damage.

import { mkdirSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { randomNumbers } from "./fault-script.mjs";
import { seedOf } from "./mutations.fixture.mjs";

const [module, jobs, seed, folder] = process.argv.slice(2);
const { cases } = await import(module);
const MEMORY_EXIT = 77;
const MOST_MEMORY = 1024; // MB
const KINDS = new Set(["UserError", "WeightFileError"]);
const LONGEST = 2000; // characters of an error message

const tell = (message) => writeSync(1, `${JSON.stringify(message)}\n`);
const peak = () => Math.round(process.resourceUsage().maxRSS / 1024);

/** The files around a trial's folder, with times, so that anything written there is noticed. */
const around = (dir, except) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (path === except) return [];
    if (entry.isDirectory()) return [path, ...around(path, except)];
    const { size, mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
    return [`${path} ${size} ${mtimeMs}`];
  });

const top = join(folder, "../../..");
for (const { name, from, to } of JSON.parse(jobs)) {
  const base = join(folder, name);
  mkdirSync(base, { recursive: true });
  const trialFolder = join(base, "trial");
  const { trial } = await cases[name](base);
  let before = around(top, trialFolder).join("\n");
  for (let i = from; i < to; i++) {
    rmSync(trialFolder, { recursive: true, force: true });
    mkdirSync(trialFolder);
    tell({ name, begin: i });
    const start = performance.now();
    let [refused, fault, value] = [undefined, undefined, undefined];
    try {
      value = await trial(randomNumbers(seedOf(Number(seed), name, i)), i, trialFolder);
    } catch (error) {
      refused = String(error?.message);
      fault = i === 0 ? `was refused undamaged: ${refused}` : faultOf(error);
    }
    const ms = Math.round(performance.now() - start);
    const after = around(top, trialFolder).join("\n");
    if (after !== before) fault = `wrote outside of its folder: ${after.split("\n").find((line) => !before.includes(line))}`;
    before = after;
    const tooMuch = peak() > MOST_MEMORY;
    if (tooMuch) fault ??= `took the process to ${peak()} MB`;
    if (ms > 10_000) fault ??= `took ${ms} ms`;
    tell({ name, i, ms, peak: peak(), refused, fault, value });
    if (tooMuch) process.exit(MEMORY_EXIT);
  }
}

function faultOf(error) {
  const message = String(error?.message);
  if (!KINDS.has(error?.name)) return `${error?.stack?.split("\n").slice(0, 4).join(" ") ?? error}`;
  if (/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(message))
    return `not one plain line: ${JSON.stringify(message).slice(0, 300)}`;
  if (message.length > LONGEST) return `a line of ${message.length} characters: ${message.slice(0, 200)}…`;
  return undefined;
}
