// A process of its own for call.test.ts: calls random operators with random arguments, right and wrong, and says on
// stdout what it is about to call, so that the last line names the operator that ended the process.
//   node random-calls.fixture.js SEED CALLS

import { writeSync } from "node:fs";
import { callAny } from "./call.ts";
import { zeros } from "./functional.ts";
import { Generator } from "./generator.ts";
import { native } from "./native.ts";
import { memory, scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";

const [seed, count] = process.argv.slice(2).map(Number);

let state = seed;
/** Mulberry32: uniform in [0, 1). */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)];

const generator = new Generator(1);
const tensors: (() => Tensor)[] = [
  () => Tensor.from([0.5, -1, 2, 3, 0, 1.5], [2, 3]),
  () => Tensor.from([1, 0, 2, 1, 0, 1], [2, 3], { dtype: "int64" }),
  () => Tensor.from([0, 1, 1], [3], { dtype: "int64" }),
  () => Tensor.from([-3, 9, 100], [3], { dtype: "int64" }),
  () => Tensor.from([2.5], []),
  () => Tensor.from([3], [], { dtype: "int64" }),
  () => Tensor.from([], [0]),
  () => zeros([0, 4]),
  () => Tensor.from([true, false, true, true], [2, 2]),
  () => Tensor.from([1, 2, 250], [3], { dtype: "uint8" }),
  () => Tensor.from([1, 2, 3, 4], [2, 2], { dtype: "float64" }),
  () => Tensor.from([1, 2, 3, 4], [2, 2]).to("bfloat16"),
  () => Tensor.from([1, 2, 3], [3]).expand(4, 3),
  () => zeros([2, 3]).transpose(0, 1),
  () => zeros([1, 4, 5, 5]).contiguous("channels_last"),
  () => zeros([2, 4, 3, 3]).fill_(0.5),
  () => zeros([4]).fill_(1),
  () => zeros([1, 2, 3, 3, 3]),
];
const tensor = (): Tensor => {
  const made = pick(tensors)();
  if (random() < 0.2 && made.dtype.startsWith("float")) made.requiresGrad = true;
  return made;
};
const integer = (): number => pick([0, 1, 1, 2, 2, 3, 4, -1, -2, 7]);
const wrong = (): unknown =>
  pick<() => unknown>([() => null, () => undefined, () => "nonsense", () => 1.5, () => [[]], () => ({}), tensor, () => -7])();

/** A value for a schema's type, such as "Tensor[]", "int[2]?", "Scalar". */
function argumentFor(type: string): unknown {
  if (random() < 0.04) return wrong();
  if (type.endsWith("?")) return random() < 0.4 ? null : argumentFor(type.slice(0, -1));
  const list = /^(.*)\[(\d*)\]$/.exec(type);
  if (list) {
    const length = random() < 0.7 && list[2] ? Number(list[2]) : Math.floor(random() * 5);
    return Array.from({ length }, () => argumentFor(list[1]));
  }
  switch (type) {
    case "Tensor":
      return tensor();
    case "int":
    case "SymInt":
      return integer();
    case "float":
      return pick([0, 0.5, 1, -1, 1e-5, Number.NaN, Number.POSITIVE_INFINITY]);
    case "bool":
      return random() < 0.5;
    case "Scalar":
      return pick<unknown>([0, 1, 2, -1, 0.5, true]);
    case "str":
      return pick(["", "mean", "sum", "floor", "reflect", "ij->ji"]);
    case "Device":
      return "cpu";
    case "Generator":
      return generator;
    case "ScalarType":
      return pick(["float32", "float64", "int64", "bool", "bfloat16", "uint8"]);
    case "MemoryFormat":
      return pick(["contiguous_format", "channels_last", "preserve_format"]);
    case "Layout":
      return "strided";
    default:
      return wrong();
  }
}

function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const character of text) {
    if (character === "," && depth === 0) {
      parts.push(part.trim());
      part = "";
      continue;
    }
    if ("([".includes(character)) depth++;
    if (")]".includes(character)) depth--;
    part += character;
  }
  if (part.trim()) parts.push(part.trim());
  return parts;
}

const show = (value: unknown): string => (Array.isArray(value) ? `[${value.map(show).join(", ")}]` : String(value));

const schemas = native().schemas();
let succeeded = 0;
const before = memory().tensors;
for (let i = 0; i < count; i++) {
  scope(() => {
    const [, name, list] = /^([^(]*)\((.*)\) -> /.exec(pick(schemas)) as RegExpExecArray;
    const args: unknown[] = [];
    const keywords: Record<string, unknown> = {};
    let positional = true;
    for (const part of splitTop(list)) {
      if (part === "*") {
        positional = false;
        continue;
      }
      const [, type, argument] = /^(.*?) (\w+)(?:=.*)?$/.exec(part) ?? ["", "?", part];
      if (part.includes("=") && random() < 0.3) {
        positional = false; // the default, and what follows by name
        continue;
      }
      const value = argumentFor(type.replace(/\([^)]*\)/, "")); // "Tensor(a!)" is a Tensor
      if (positional) args.push(value);
      else keywords[argument] = value;
    }
    writeSync(1, `${name} ${show(args)} ${show(Object.entries(keywords))}\n`);
    try {
      const results = [callAny(name, args, keywords)].flat(2);
      succeeded++;
      for (const result of results) if (result instanceof Tensor) result.bytes();
    } catch (error) {
      if (!(error instanceof Error)) throw new Error(`${name} threw something that is no Error: ${String(error)}`);
    }
  });
}
writeSync(1, `done ${succeeded} ${memory().tensors - before}\n`);
