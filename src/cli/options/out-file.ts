// The file that a command writes, looked at before the work begins.

import { statSync } from "node:fs";
import { UserError } from "../../errors.ts";

const IMAGE = /\.(?:png|jpe?g|tiff?)$/i; // what a shell makes of "--out *.png"

/** Throws a UserError when `out`, a text file to write, is one of `inputs` (by a link, too), a folder or named as an image. */
export function requireOutFile(out: string, inputs: readonly string[]): void {
  if (IMAGE.test(out)) throw new UserError(`${out}: has the name of an image, but is the file to write; give another to --out`);
  const there = lookAt(out);
  if (there?.isDirectory() || /[\\/]$/.test(out)) throw new UserError(`${out}: is a folder; give the name of a file to --out`);
  const same = inputs.find((input) => isSameFile(out, input));
  if (same !== undefined)
    throw new UserError(`${out}: is ${same === out ? "" : `${same}, `}what this command reads; give another file to --out`);
}

/** Whether both are one and the same ordinary file, also by links. */
export function isSameFile(a: string, b: string): boolean {
  const [first, second] = [lookAt(a), lookAt(b)];
  return first?.isFile() === true && first.ino === second?.ino && first.dev === second.dev;
}

/** Undefined where nothing can be looked at. */
function lookAt(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
