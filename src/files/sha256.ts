import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";

/** Of a file, in hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

const END = 1 << 20; // bytes

/** Of a file's length and its first and last megabyte: tells files of many gigabytes apart without reading them. */
export function identityOf(file: string): string {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    const hash = createHash("sha256").update(`${size}\n`);
    const bytes = Buffer.alloc(END);
    for (const at of [0, Math.max(0, size - END)]) hash.update(bytes.subarray(0, readSync(handle, bytes, 0, END, at)));
    return hash.digest("hex");
  } finally {
    closeSync(handle);
  }
}
