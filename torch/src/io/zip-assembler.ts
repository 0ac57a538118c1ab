// For tests: stored zip archives, right or wrong in one way.

import zlib from "node:zlib";

export interface ZipOptions {
  /** 0 is stored, 8 deflated. */
  method?: number;
  flags?: number;
  /** In place of the true CRC-32 of every entry. */
  checksum?: number;
  /** Sizes, positions and counts only in the zip64 fields. */
  zip64?: boolean;
  comment?: string;
  /** Added to every entry's position in the directory. */
  shift?: number;
}

const fields = (...sizesAndValues: [2 | 4 | 8, number][]): Buffer =>
  Buffer.concat(
    sizesAndValues.map(([size, value]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes.subarray(0, size);
    }),
  );

export function zipFile(entries: readonly [string, Buffer][], options: ZipOptions = {}): Buffer {
  const { method = 0, flags = 0, zip64 = false, comment = "", shift = 0 } = options;
  const body: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of entries) {
    const checksum = options.checksum ?? zlib.crc32(data);
    const common = fields([2, 0], [2, flags], [2, method], [4, 0], [4, checksum]);
    const sizes = zip64 ? fields([4, 0xffffffff], [4, 0xffffffff]) : fields([4, data.length], [4, data.length]);
    const padding = fields([2, 0x4246], [2, 3]); // as torch.save aligns data
    body.push(
      fields([4, 0x04034b50]),
      common,
      sizes,
      fields([2, Buffer.byteLength(name)], [2, 7]),
      Buffer.from(name),
      padding,
      Buffer.from("ZZZ"),
      data,
    );
    const extra = zip64 ? fields([2, 1], [2, 24], [8, data.length], [8, data.length], [8, offset + shift]) : Buffer.alloc(0);
    const position = zip64 ? 0xffffffff : offset + shift;
    directory.push(
      ...[fields([4, 0x02014b50], [2, 0]), common, sizes, fields([2, Buffer.byteLength(name)], [2, extra.length])],
      ...[fields([2, 0], [2, 0], [2, 0], [4, 0], [4, position]), Buffer.from(name), extra],
    );
    offset = Buffer.concat(body).length;
  }
  const size = Buffer.concat(directory).length;
  const count = entries.length;
  const end64 = fields(
    [4, 0x06064b50],
    [8, 44],
    [2, 45],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, size],
    [8, offset],
  );
  const locator = fields([4, 0x07064b50], [4, 0], [8, offset + size], [4, 1]);
  const [shownCount, shownSize, shownOffset] = zip64 ? [0xffff, 0xffffffff, 0xffffffff] : [count, size, offset];
  const end = fields(
    [4, 0x06054b50],
    [4, 0],
    [2, shownCount],
    [2, shownCount],
    [4, shownSize],
    [4, shownOffset],
    [2, comment.length],
  );
  return Buffer.concat([...body, ...directory, ...(zip64 ? [end64, locator] : []), end, Buffer.from(comment)]);
}

/** As torch.save writes it: a pickle and storages by key. */
export const pthFile = (data: Buffer, storages: Record<string, Buffer> = {}, options?: ZipOptions): Buffer =>
  zipFile(
    [
      ["archive/data.pkl", data],
      ["archive/byteorder", Buffer.from("little")],
      ...Object.entries(storages).map(([key, bytes]): [string, Buffer] => [`archive/data/${key}`, bytes]),
      ["archive/version", Buffer.from("3\n")],
      ["archive/.data/serialization_id", Buffer.from("1234567890")],
    ],
    options,
  );
