// What the system's refusal of memory looks like, in the words of those who asked for it: libtorch's CPU and CUDA allocators,
// C++, V8 for the buffers of images, and the loader of shared libraries.

import { UserError } from "./errors.ts";

const REFUSALS =
  /can't allocate memory|not enough memory|out of memory|std::bad_alloc|Array buffer allocation failed|Cannot allocate memory|failed to map segment|Invalid typed array length/i;

/** A UserError that says what to lower ("--batch"), where `error` is a refusal of memory; otherwise `error` itself. */
export function explainOutOfMemory(error: unknown, lower: string): unknown {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof UserError || !REFUSALS.test(text)) return error;
  const bytes = /(?:tried to allocate|Tried to allocate) ([\d.]+) ?(\w+)/.exec(text);
  const much = bytes ? `: ${sizeText(Number(bytes[1]), bytes[2])} more were refused` : "";
  return new UserError(`out of memory${much}; lower ${lower}, or free some memory`);
}

function sizeText(size: number, unit: string): string {
  if (unit !== "bytes") return `${size} ${unit}`;
  return size < 2 ** 20
    ? `${size} bytes`
    : size < 2 ** 30
      ? `${(size / 2 ** 20).toFixed(0)} MiB`
      : `${(size / 2 ** 30).toFixed(1)} GiB`;
}
