// A gzip file (RFC 1952) made chunk by chunk, of one member: some readers stop after the first. Each megabyte is deflated alone and
// ends on a whole byte, so that the pieces, one after another, are one stream.

import { constants, deflateRawSync } from "node:zlib";
import { crc32 } from "./crc32.ts";

const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]); // deflate, no name and no time, quickest, system unknown
const PIECE = 1 << 20;

/** Level 1: larger by a few hundredths than level 6, in half of the time. */
export function* gzipped(chunks: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  yield HEADER;
  let [checksum, length] = [0, 0];
  for (const bytes of pieces(chunks)) {
    checksum = crc32(bytes, checksum);
    length += bytes.length;
    yield deflateRawSync(bytes, { level: 1, finishFlush: constants.Z_FULL_FLUSH });
  }
  const end = Buffer.alloc(10);
  end.writeUInt16LE(3); // an empty last block
  end.writeUInt32LE(checksum, 2);
  end.writeUInt32LE(length % 2 ** 32, 6);
  yield end;
}

/** The same bytes in pieces of a megabyte, the last one smaller. */
function* pieces(chunks: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  const piece = Buffer.alloc(PIECE);
  let size = 0;
  for (const chunk of chunks) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    for (let from = 0; from < bytes.length; ) {
      const to = Math.min(bytes.length, from + PIECE - size);
      piece.set(bytes.subarray(from, to), size);
      [size, from] = [size + to - from, to];
      if (size < PIECE) continue;
      yield piece;
      size = 0;
    }
  }
  if (size > 0) yield piece.subarray(0, size);
}
