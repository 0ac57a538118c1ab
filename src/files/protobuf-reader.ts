// Reads protocol buffers, knowing nothing of their messages.

export interface Field {
  readonly field: number;
  /** Of a varint, a number; of a message, a text or bytes, and of four or eight bytes, those. */
  readonly value: bigint | Buffer;
}

/** Throws an Error where the bytes are no message. */
export function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (at >= bytes.length) throw new Error("a varint is cut off");
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error(`${length} bytes are cut off`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [field, wire] = [tag >> 3, tag & 7];
    if (wire === 0) fields.push({ field, value: varint() });
    else if (wire === 1) fields.push({ field, value: take(8) });
    else if (wire === 2) fields.push({ field, value: take(Number(varint())) });
    else if (wire === 5) fields.push({ field, value: take(4) });
    else throw new Error(`unknown wire type ${wire}`);
  }
  return fields;
}

/** All values of a field, which are bytes. */
export const bytesOf = (fields: readonly Field[], number: number): Buffer[] =>
  fields.filter(({ field }) => field === number).map(({ value }) => value as Buffer);
