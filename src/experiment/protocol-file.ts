// A protocol out of the file that exports it as `protocol`. TypeScript of the project's folder experiments/ is loaded from
// where the build has put it.

import { existsSync, readdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { reason, UserError } from "../errors.ts";
import type { Protocol } from "./protocol.ts";

const built = fileURLToPath(new URL("../experiments/", import.meta.url));

/** `file`: a name ("mbm"), experiments/NAME.ts, or a .js or .mjs file anywhere. Throws a UserError when it is no protocol. */
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
  if (missing.length === keys.length) throw new UserError(`${file}: exports no protocol; write: export const protocol = { … }`);
  if (missing.length > 0) throw new UserError(`${file}: its protocol has no ${missing.join(", no ")}`);
  return protocol as Protocol;
}

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

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function pathOf(file: string): string {
  if (/\.m?js$/.test(file)) {
    if (!existsSync(file)) throw new UserError(`${file}: no such file; check the path`);
    return resolve(file);
  }
  const name = basename(file, ".ts");
  const path = `${built}${name}.js`;
  if (existsSync(path) && (file === name || resolve(file) === resolve(built, "../../experiments", `${name}.ts`))) return path;
  if (file.endsWith(".ts") && existsSync(file))
    throw new UserError(`${file}: TypeScript outside of the project's experiments/ is not compiled; give its JavaScript`);
  const known = existsSync(built) ? readdirSync(built).flatMap((entry) => /^([\w-]+)\.js$/.exec(entry)?.[1] ?? []) : [];
  throw new UserError(`${file}: there is no such experiment; known are ${known.join(", ")}, or give a .js or .mjs file`);
}
