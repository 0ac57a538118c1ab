// Checks of the file that a command is to write, before the work begins.

import { statSync } from "node:fs";
import { UserError } from "../../errors.ts";

const IMAGE = /\.(?:png|jpe?g|tiff?)$/i; // what a shell makes of "--out *.png"

/** Throws a UserError when `out`, a text file to write, is one of `inputs` (also by a link), a folder or named like an image. */
export function requireOutFile(out: string, inputs: readonly string[]): void {
  if (IMAGE.test(out))
    throw new UserError(`${out}: is named like an image, but is the file to write; pass another name to --out`);
  const there = lookAt(out);
  if (there?.isDirectory() || /[\\/]$/.test(out)) throw new UserError(`${out}: is a folder; pass the name of a file to --out`);
  const same = inputs.find((input) => isSameFile(out, input));
  if (same !== undefined)
    throw new UserError(`${out}: is ${same === out ? "" : `${same}, `}an input of this command; pass another file to --out`);
}

/** Whether both are one and the same ordinary file, also by links. */
export function isSameFile(a: string, b: string): boolean {
  const [first, second] = [lookAt(a), lookAt(b)];
  return first?.isFile() === true && first.ino === second?.ino && first.dev === second.dev;
}

/** Undefined for what cannot be read. */
function lookAt(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
