// Loads a protocol from the file that exports it as `protocol`. TypeScript in the project's folder experiments/ is loaded from
// where the build has put it.

import { existsSync, readdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { biasNames } from "../data/bias/biases.ts";
import { reason, UserError } from "../errors.ts";
import { anyText, either, listOf, numberIn, objectOf, oneOf, optional } from "../files/json/shape.ts";
import { isObject } from "../files/json/value.ts";
import { completed, shapeOf } from "../settings/declarations.ts";
import { presetSettings } from "../settings/presets.ts";
import type { Protocol } from "./protocol.ts";

const built = fileURLToPath(new URL("../experiments/", import.meta.url));

/** `file`: a name ("mbm"), experiments/NAME.ts, or a .js or .mjs file anywhere. Throws a UserError when it is not a protocol. */
export async function loadProtocol(file: string): Promise<Protocol> {
  const path = pathOf(file);
  let module: { protocol?: unknown };
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new UserError(`${file}: cannot be loaded: ${reason(error)}`);
  }
  const { protocol } = module;
  const missing = isObject(protocol) ? keys.filter((key) => protocol[key] === undefined) : keys;
  if (missing.length === keys.length)
    throw new UserError(`${file}: does not export a protocol; write: export const protocol = { … }`);
  if (missing.length > 0) throw new UserError(`${file}: its protocol is missing ${missing.join(", ")}`);
  const fault = protocolShape(protocol);
  if (fault !== null) throw new UserError(`${file}: protocol.${fault.path.join(".")}: ${fault.message}`);
  return { ...(protocol as Protocol), presets: checkedPresets(file, protocol as Protocol) };
}

/** With what protocols of earlier versions do not say. */
function checkedPresets(file: string, { presets }: Protocol): Protocol["presets"] {
  const fault = presetsShape(presets);
  if (fault !== null) throw new UserError(`${file}: ${["presets", ...fault.path].join(".")}: ${fault.message}`);
  return { paper: completed(presetSettings, presets.paper), quick: completed(presetSettings, presets.quick) };
}

const presetsShape = objectOf({ paper: shapeOf(presetSettings), quick: shapeOf(presetSettings) });

const whole = numberIn({ least: 0, whole: true });

/** Of what the presets do not say. Rates and methods are checked where units are made of them. */
const protocolShape = objectOf({
  name: anyText,
  title: anyText,
  paper: anyText,
  data: either(
    objectOf({ kind: oneOf("folder"), prepare: anyText }),
    objectOf({
      kind: oneOf("synthetic"),
      tissue: oneOf("ki67", "mitosis"),
      images: numberIn({ least: 1, whole: true }),
      width: numberIn({ least: 1, whole: true }),
      height: numberIn({ least: 1, whole: true }),
      boxSize: optional(numberIn({ least: 1 })),
      seed: whole,
    }),
  ),
  folds: numberIn({ least: 2, most: 1e6, whole: true }),
  splitSeed: whole,
  keeps: listOf(either(oneOf("one-per-image"), numberIn({ least: 0, most: 1 })), { least: 1 }),
  bias: optional(oneOf(...biasNames)),
  methods: listOf(anyText, { least: 1 }),
  seeds: listOf(whole, { least: 1 }),
  paperDataset: oneOf("mitos-atypia-14", "ki67", null),
});

const keys = [
  "name",
  "title",
  "paper",
  "data",
  "folds",
  "splitSeed",
  "keeps",
  "methods",
  "seeds",
  "paperDataset",
  "presets",
] as const satisfies readonly (keyof Protocol)[];

function pathOf(file: string): string {
  if (/\.m?js$/.test(file)) {
    if (!existsSync(file)) throw new UserError(`${file}: no such file; check the path`);
    return resolve(file);
  }
  const name = basename(file, ".ts");
  const path = `${built}${name}.js`;
  if (existsSync(path) && (file === name || resolve(file) === resolve(built, "../../experiments", `${name}.ts`))) return path;
  if (file.endsWith(".ts") && existsSync(file))
    throw new UserError(`${file}: TypeScript outside the project's experiments/ is not compiled; pass its JavaScript`);
  const known = existsSync(built) ? readdirSync(built).flatMap((entry) => /^([\w-]+)\.js$/.exec(entry)?.[1] ?? []) : [];
  throw new UserError(`${file}: unknown experiment; expected ${known.join(", ")}, or a .js or .mjs file`);
}
