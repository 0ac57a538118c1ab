// Run by test/faults/binding.mjs and scripts/sanitize.mjs in a separate process: calls random operators and other functions of
// this package with random arguments, valid and invalid.
//   node --expose-gc random-calls.fixture.js SEED CALLS [PATTERN]
// PATTERN: call only operators whose schema matches; if none does, call only functions that are not operators.
// Every call is printed on stdout before it is made, so that the last line names the one that crashed the process. The last line
// of a complete run is JSON: { succeeded, refused, tensors (alive beyond those at the start), growth (MiB of resident memory
// during the second half of the calls) }. The exit code is 1 when anything but an Error was thrown.

import { writeSync } from "node:fs";
import { callAny } from "./call.ts";
import { native } from "./native.ts";
import { RandomArguments, show } from "./random-arguments.fixture.ts";
import { type Door, randomDoor } from "./random-doors.fixture.ts";
import { memory, scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";

const DOORS = 0.2; // of all calls
const CALLS_PER_SCOPE = 25; // these share their results
const MOST_READ = 1000; // elements of a result that are read

const [seed, count] = process.argv.slice(2, 4).map(Number);
const pattern = process.argv[4] && new RegExp(process.argv[4]);
const random = new RandomArguments(seed);
const schemas = native()
  .schemas()
  .filter((schema) => !pattern || pattern.test(schema));

/** "Tensor a, int[2] b" → its parts; commas inside brackets do not count. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const character of `${text},`) {
    if (character === "," && depth === 0) {
      if (part.trim()) parts.push(part.trim());
      part = "";
      continue;
    }
    if ("([".includes(character)) depth++;
    if (")]".includes(character)) depth--;
    part += character;
  }
  return parts;
}

function randomCall(): Door {
  const [, name, list] = /^([^(]*)\((.*)\) -> /.exec(random.pick(schemas)) as RegExpExecArray;
  const args: unknown[] = [];
  const keywords: Record<string, unknown> = {};
  let positional = true;
  for (const part of splitTop(list)) {
    if (part === "*") {
      positional = false;
      continue;
    }
    const [, type, argument] = /^(.*?) (\w+)(?:=.*)?$/.exec(part) ?? ["", "?", part];
    if (part.includes("=") && random.chance(0.3)) {
      positional = false; // the default, and what follows by name
      continue;
    }
    const value = random.ofType(type.replace(/\([^)]*\)/, "")); // "Tensor(a!)" is a Tensor
    if (positional) args.push(value);
    else keywords[argument] = value;
  }
  if (random.chance(0.03)) args.push(random.wrong());
  if (random.chance(0.02)) args.pop();
  if (random.chance(0.01)) keywords.nonsense = 1;
  return { name: `${name} ${show(args)} ${show(Object.entries(keywords))}`, open: () => callAny(name, args, keywords) };
}

const before = memory().tensors;
const result = { succeeded: 0, refused: 0, tensors: 0, growth: 0 };
const rss = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss / 2 ** 20;
};
let middle = 0;
for (let i = 0; i < count; ) {
  if (i >= count / 2 && middle === 0) middle = rss();
  scope(() => {
    for (const end = Math.min(count, i + CALLS_PER_SCOPE); i < end; i++) {
      const isDoor = schemas.length === 0 || (!pattern && random.chance(DOORS));
      const door = isDoor ? randomDoor(random) : randomCall();
      writeSync(1, `${i} ${door.name}\n`);
      try {
        for (const value of [door.open()].flat(2)) {
          if (!(value instanceof Tensor)) continue;
          if (value.numel <= MOST_READ) value.bytes();
          random.offer(value);
        }
        result.succeeded++;
      } catch (error) {
        if (!(error instanceof Error) || !error.message) throw new Error(`${door.name} threw ${String(error)}`);
        result.refused++;
      }
    }
    random.forget();
  });
}
result.growth = Math.round((rss() - middle) * 10) / 10;
result.tensors = memory().tensors - before;
writeSync(1, `${JSON.stringify(result)}\n`);
