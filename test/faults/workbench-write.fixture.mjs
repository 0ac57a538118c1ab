// Kills its process inside a write: after KILLED_AFTER_BYTES bytes of actions.jsonl.

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

let left = Number(process.env.KILLED_AFTER_BYTES);
const files = new Set();
const { openSync, writeSync } = fs;

fs.openSync = (path, ...rest) => {
  const file = openSync(path, ...rest);
  if (String(path).endsWith("actions.jsonl")) files.add(file);
  return file;
};
fs.writeSync = (file, bytes, offset = 0, length = bytes.length - offset, ...rest) => {
  if (!files.has(file)) return writeSync(file, bytes, offset, length, ...rest);
  if (length >= left) {
    writeSync(file, bytes, offset, left);
    process.kill(process.pid, "SIGKILL");
  }
  left -= length;
  return writeSync(file, bytes, offset, length, ...rest);
};
syncBuiltinESMExports();
