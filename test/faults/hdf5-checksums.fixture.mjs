// Repairs the checksums in the headers of damaged HDF5 files, so that the damage gets past them
// (https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html: superblock of version 2 and 3, object header of version
// 2; checksums are Bob Jenkins' lookup3 with 0 as its first value).

/** Changes `bytes` and returns them. */
export function withChecksums(bytes) {
  const write = (start, end) => {
    if (end + 4 <= bytes.length) bytes.writeUInt32LE(lookup3(bytes.subarray(start, end)), end);
  };
  if (bytes.length >= 48 && bytes[8] >= 2) write(0, 44);
  for (let at = bytes.indexOf("OHDR"); at >= 0 && at + 40 < bytes.length; at = bytes.indexOf("OHDR", at + 4)) {
    const flags = bytes[at + 5];
    const size = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
    const width = 1 << (flags & 3);
    const length = width === 8 ? Number(bytes.readBigUInt64LE(size)) : bytes.readUIntLE(size, width);
    write(at, size + width + length);
  }
  return bytes;
}

const rotated = (x, k) => (x << k) | (x >>> (32 - k));

function lookup3(bytes) {
  let a = (0xdeadbeef + bytes.length) | 0;
  let [b, c] = [a, a];
  const word = (at) =>
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    [a, b, c] = [(a + word(at)) | 0, (b + word(at + 4)) | 0, (c + word(at + 8)) | 0];
    a = ((a - c) | 0) ^ rotated(c, 4);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotated(a, 6);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotated(b, 8);
    b = (b + a) | 0;
    a = ((a - c) | 0) ^ rotated(c, 16);
    c = (c + b) | 0;
    b = ((b - a) | 0) ^ rotated(a, 19);
    a = (a + c) | 0;
    c = ((c - b) | 0) ^ rotated(b, 4);
    b = (b + a) | 0;
  }
  if (at === bytes.length) return c >>> 0;
  [a, b, c] = [(a + word(at)) | 0, (b + word(at + 4)) | 0, (c + word(at + 8)) | 0];
  c = ((c ^ b) - rotated(b, 14)) | 0;
  a = ((a ^ c) - rotated(c, 11)) | 0;
  b = ((b ^ a) - rotated(a, 25)) | 0;
  c = ((c ^ b) - rotated(b, 16)) | 0;
  a = ((a ^ c) - rotated(c, 4)) | 0;
  b = ((b ^ a) - rotated(a, 14)) | 0;
  c = ((c ^ b) - rotated(b, 24)) | 0;
  return c >>> 0;
}
