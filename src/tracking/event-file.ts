// TensorBoard's event files: records (TFRecord: length, its checksum, data, its checksum) of Event messages. Field numbers are those
// of event.proto and summary.proto.

import { crc32c } from "../files/crc32c.ts";
import { bytes, double, type Fields, float, integer, message, text } from "../files/protobuf.ts";

export interface EventTime {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
}

/** The first record of a file. */
export const firstRecord = (wallTime: number): Buffer => record([double(1, wallTime), text(3, "brain.Event:2")].flat());

export const scalarRecord = (tag: string, value: number, time: EventTime): Buffer =>
  summaryRecord([text(1, tag), float(2, value)], time);

export interface Png {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

export const pictureRecord = (tag: string, picture: Png, time: EventTime): Buffer =>
  summaryRecord(
    [text(1, tag), message(4, integer(1, picture.height), integer(2, picture.width), integer(3, RGB), bytes(4, picture.bytes))],
    time,
  );

const RGB = 3;

/** One value of a summary. */
const summaryRecord = (value: readonly Fields[], { wallTime, step }: EventTime): Buffer =>
  record([double(1, wallTime), integer(2, step), message(5, message(1, ...value))].flat());

function record(fields: Fields): Buffer {
  const data = Buffer.concat(fields);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, maskedCrc(length), data, maskedCrc(data)]);
}

/** Masked, so that checksums of data that hold checksums are no weaker. */
export function maskedCrc(data: Uint8Array): Buffer {
  const crc = crc32c(data);
  const masked = Buffer.alloc(4);
  masked.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return masked;
}
