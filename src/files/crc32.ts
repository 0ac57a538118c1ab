// The checksum of gzip and zip (RFC 1952, section 8). Node has it in zlib from 20.15 on, ten times as fast.

import * as zlib from "node:zlib";

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Of `bytes`, or of all before and them, where `before` is the checksum of those. */
export const crc32: (bytes: Uint8Array, before?: number) => number = "crc32" in zlib ? zlib.crc32 : crc32ByTable;

export function crc32ByTable(bytes: Uint8Array, before = 0): number {
  let value = ~before;
  for (let i = 0; i < bytes.length; i++) value = (value >>> 8) ^ TABLE[(value ^ bytes[i]) & 255];
  return ~value >>> 0;
}
