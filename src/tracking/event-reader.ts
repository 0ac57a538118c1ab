// The last step of each tag in TensorBoard's event files of a run: what need not be written again when the run is resumed.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, fieldsOf } from "../files/protobuf-reader.ts";
import { maskedCrc } from "./event-file.ts";

/** Of all event files in a folder. A record that is cut off or damaged ends its file, as TensorBoard reads it. */
export function lastSteps(folder: string): Map<string, number> {
  const last = new Map<string, number>();
  for (const name of readdirSync(folder).filter((name) => name.includes(".tfevents.")))
    for (const data of recordsOf(readFileSync(join(folder, name)))) {
      const { tag, step } = tagAndStep(data);
      if (tag !== undefined) last.set(tag, Math.max(step, last.get(tag) ?? -1));
    }
  return last;
}

export function* recordsOf(file: Buffer): Generator<Buffer> {
  for (let at = 0; at + 16 <= file.length; ) {
    const head = file.subarray(at, at + 8);
    const length = Number(head.readBigUInt64LE());
    const end = at + 12 + length;
    if (!maskedCrc(head).equals(file.subarray(at + 8, at + 12)) || end + 4 > file.length) return;
    const data = file.subarray(at + 12, end);
    if (!maskedCrc(data).equals(file.subarray(end, end + 4))) return;
    yield data;
    at = end + 4;
  }
}

/** Of an Event as event-file.ts writes it. */
function tagAndStep(event: Buffer): { readonly tag?: string; readonly step: number } {
  const fields = fieldsOf(event);
  const step = Number(fields.find(({ field }) => field === 2)?.value ?? 0);
  const [value] = bytesOf(fields, 5).flatMap((summary) => bytesOf(fieldsOf(summary), 1));
  return { tag: value && bytesOf(fieldsOf(value), 1)[0]?.toString(), step };
}
