// A cursor over a file's bytes that never reads past their end and names the file in every error.

import { WeightFileError } from "./weight-file-error.ts";

export class ByteReader {
  readonly path: string;
  readonly bytes: Buffer;
  offset: number;

  constructor(path: string, bytes: Uint8Array, offset = 0) {
    this.path = path;
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
  }

  /** The error to throw: `throw reader.fault("…")`. */
  fault(what: string): WeightFileError {
    return new WeightFileError(this.path, what);
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  /** The next `count` bytes, as a view. `part` names them in error messages. */
  take(count: number, part: string): Buffer {
    if (count > this.left)
      throw this.fault(`is cut off or damaged: ${part} needs ${count} bytes, ${this.left} are left; copy or download it again`);
    this.offset += count;
    return this.bytes.subarray(this.offset - count, this.offset);
  }

  uint8(part: string): number {
    return this.take(1, part)[0];
  }
  uint16(part: string): number {
    return this.take(2, part).readUInt16LE();
  }
  uint32(part: string): number {
    return this.take(4, part).readUInt32LE();
  }
  int32(part: string): number {
    return this.take(4, part).readInt32LE();
  }
  /** An unsigned 64-bit length or position. Throws when it exceeds the safe integers. */
  uint64(part: string): number {
    const value = this.take(8, part).readBigUInt64LE();
    if (value > Number.MAX_SAFE_INTEGER) throw this.fault(`is damaged: ${part} says ${value}`);
    return Number(value);
  }

  text(count: number, part: string): string {
    const bytes = this.take(count, part);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw this.fault(`is damaged: ${part} is not UTF-8 text`);
    }
  }
}
