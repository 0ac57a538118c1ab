// The files in a zip archive (PKWARE APPNOTE.TXT 6.3: 4.3.7 local header, 4.3.12 central directory, 4.3.16 its end), stored or
// deflated, as annotation tools write them. The archives of torch.save are read by @sparsecell/torch, without copies.

import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { reason, UserError } from "../errors.ts";
import { requireOrdinaryFile } from "./ordinary-file.ts";

export interface ZipFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50];
const END_SIZE = 22;
const MOST_BYTES = 512 * 2 ** 20; // of the archive, and of all that is inside

/** The files in the archive with one of the `extensions`, in the order of its directory. Throws a UserError that names the archive. */
export function* zipFiles(path: string, extensions: readonly string[]): Generator<ZipFile> {
  const fault = (what: string): UserError => new UserError(`${path}: ${what}; save it again`);
  const archive = readArchive(path);
  const damaged = (): UserError => fault("is a damaged or cut off zip archive");
  const end = endOf(archive);
  if (end === -1) throw damaged();
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) throw fault("is a zip archive of more than 65,534 files, which cannot be read");
  let left = MOST_BYTES;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || archive.readUInt32LE(at) !== CENTRAL) throw damaged();
    const [flags, method] = [archive.readUInt16LE(at + 8), archive.readUInt16LE(at + 10)];
    const [stored, size] = [archive.readUInt32LE(at + 20), archive.readUInt32LE(at + 24)];
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    at += 46 + nameLength + extra + comment;
    if (!extensions.some((extension) => name.toLowerCase().endsWith(extension)) || name.includes("__MACOSX/")) continue;
    if ((flags & 1) !== 0) throw fault(`"${name}" in it is encrypted`);
    if (method !== 0 && method !== 8) throw fault(`"${name}" in it is compressed in a way that cannot be read`);
    left -= size;
    if (left < 0) throw fault(`has more than ${MOST_BYTES / 2 ** 20} MB inside`);
    if (local + 30 > end || archive.readUInt32LE(local) !== LOCAL) throw damaged();
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    if (start + stored > end) throw damaged();
    const data = archive.subarray(start, start + stored);
    yield { name, bytes: method === 0 ? data : inflated(data, size, damaged) };
  }
}

function readArchive(path: string): Buffer {
  try {
    const { size } = requireOrdinaryFile(path, "a zip archive");
    if (size > MOST_BYTES) throw new UserError(`${path}: has more than ${MOST_BYTES / 2 ** 20} MB; cut it into smaller archives`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: cannot be read: ${reason(error)}; check the path`);
  }
}

/** The end record is last, before a comment of up to 65535 bytes. */
function endOf(archive: Buffer): number {
  for (let at = archive.length - END_SIZE; at >= Math.max(0, archive.length - END_SIZE - 0xffff); at--)
    if (archive.readUInt32LE(at) === END && at + END_SIZE + archive.readUInt16LE(at + 20) === archive.length) return at;
  return -1;
}

function inflated(data: Buffer, size: number, damaged: () => UserError): Buffer {
  try {
    const bytes = inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
    if (bytes.length === size) return bytes;
  } catch {}
  throw damaged();
}
