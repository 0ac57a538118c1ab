// The files inside a zip archive as torch.save writes it: stored, not compressed, so that each is a view of the archive
// (PKWARE APPNOTE.TXT 6.3: sections 4.3.7 local header, 4.3.12 central directory, 4.3.14–16 its end; 4.5.3 for zip64).

import zlib from "node:zlib";
import { ByteReader } from "./byte-reader.ts";
import { quote } from "./weight-file-error.ts";

export interface ZipEntry {
  name: string;
  data: Uint8Array;
  /** CRC-32 of the data; 0 where the writer left it out. */
  checksum: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const END_SIZE = 22;
const LOCATOR_SIZE = 20;
const IN_ZIP64 = 0xffffffff;

/** All entries by name. Throws a WeightFileError for a damaged, encrypted or compressed archive. */
export function readZipEntries(path: string, bytes: Uint8Array): Map<string, ZipEntry> {
  const reader = new ByteReader(path, bytes);
  const directory = findDirectory(reader);
  const entries = new Map<string, ZipEntry>();
  reader.offset = directory.start;
  for (let i = 0; i < directory.count; i++) {
    const entry = readEntry(reader, directory.start);
    if (entries.has(entry.name)) throw reader.fault(`is damaged: the archive holds ${quote(entry.name)} twice`);
    entries.set(entry.name, entry);
  }
  return entries;
}

/** The data of an entry, their checksum verified. */
export function verified(path: string, { name, data, checksum }: ZipEntry): Uint8Array {
  // Node has crc32 since 20.15; an older one reads the file unverified
  if (checksum !== 0 && zlib.crc32 && zlib.crc32(data) !== checksum) {
    throw new ByteReader(path, data).fault(
      `is damaged: the checksum of ${quote(name)} in the archive is wrong; copy or download it again`,
    );
  }
  return data;
}

interface Directory {
  start: number;
  count: number;
}

function findDirectory(reader: ByteReader): Directory {
  const end = findEnd(reader);
  reader.offset = end + 10;
  const count = reader.uint16("the archive's end");
  reader.offset = end + 16;
  const start = reader.uint32("the archive's end");
  const hasLocator = end >= LOCATOR_SIZE && reader.bytes.readUInt32LE(end - LOCATOR_SIZE) === LOCATOR64;
  const directory = hasLocator ? readDirectory64(reader, end - LOCATOR_SIZE) : { start, count };
  if (directory.start > end) throw reader.fault("is damaged: the archive's directory lies outside it");
  return directory;
}

/** The end record stands last, before a comment of up to 65535 bytes. */
function findEnd(reader: ByteReader): number {
  const { bytes } = reader;
  for (let at = bytes.length - END_SIZE; at >= Math.max(0, bytes.length - END_SIZE - 0xffff); at--) {
    if (bytes.readUInt32LE(at) === END && at + END_SIZE + bytes.readUInt16LE(at + 20) === bytes.length) return at;
  }
  throw reader.fault("is cut off: the archive has no end; copy or download it again");
}

function readDirectory64(reader: ByteReader, locator: number): Directory {
  reader.offset = locator + 8;
  reader.offset = reader.uint64("the archive's zip64 end");
  if (reader.left < 0 || reader.uint32("the archive's zip64 end") !== END64)
    throw reader.fault("is damaged: the archive's zip64 end is missing");
  reader.take(28, "the archive's zip64 end");
  const count = reader.uint64("the archive's zip64 end");
  reader.take(8, "the archive's zip64 end");
  return { start: reader.uint64("the archive's zip64 end"), count };
}

/** Reads one entry of the directory at the reader's offset, and finds its data. */
function readEntry(reader: ByteReader, directoryStart: number): ZipEntry {
  const part = "the archive's directory";
  if (reader.uint32(part) !== CENTRAL) throw reader.fault(`is damaged: ${part} is broken`);
  reader.take(4, part);
  const flags = reader.uint16(part);
  const method = reader.uint16(part);
  reader.take(4, part);
  const checksum = reader.uint32(part);
  const sizes = { stored: reader.uint32(part), size: reader.uint32(part), local: 0 };
  const [nameLength, extraLength, commentLength] = [reader.uint16(part), reader.uint16(part), reader.uint16(part)];
  reader.take(8, part);
  sizes.local = reader.uint32(part);
  const name = reader.text(nameLength, "a name in the archive");
  readZip64Sizes(new ByteReader(reader.path, reader.take(extraLength, part)), sizes);
  reader.take(commentLength, part);
  if (flags & 1) throw reader.fault(`${quote(name)} in the archive is encrypted`);
  if (method !== 0 || sizes.stored !== sizes.size)
    throw reader.fault(`refused: ${quote(name)} in the archive is compressed; torch.save stores without compression`);
  return { name, checksum, data: findData(reader, name, sizes, directoryStart) };
}

/** Replaces what the directory could not hold in 32 bits, in this order, by the entry's zip64 field. */
function readZip64Sizes(extra: ByteReader, sizes: { stored: number; size: number; local: number }): void {
  while (extra.left >= 4) {
    const id = extra.uint16("an extra field");
    const field = new ByteReader(extra.path, extra.take(extra.uint16("an extra field"), "an extra field"));
    if (id !== 1) continue;
    for (const key of ["size", "stored", "local"] as const) {
      if (sizes[key] === IN_ZIP64) sizes[key] = field.uint64("a zip64 field");
    }
  }
}

function findData(
  reader: ByteReader,
  name: string,
  { size, local }: { size: number; local: number },
  directoryStart: number,
): Uint8Array {
  const header = new ByteReader(reader.path, reader.bytes.subarray(0, directoryStart), local);
  const part = `${quote(name)} in the archive`;
  if (header.left < 0 || header.uint32(part) !== LOCAL) throw reader.fault(`is damaged: ${part} is not where the directory says`);
  header.take(22, part);
  const [nameLength, extraLength] = [header.uint16(part), header.uint16(part)];
  if (header.text(nameLength, "a name in the archive") !== name)
    throw reader.fault(`is damaged: ${part} has another name in its own header`);
  header.take(extraLength, part);
  return header.take(size, part);
}
