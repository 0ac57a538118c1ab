// For tests: assembles pickles by hand.

import { OPCODE } from "./pickle-opcodes.ts";

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

export const op = (opcode: number, ...rest: (number | string | Buffer)[]): Buffer =>
  Buffer.concat([opcode, ...rest].map((part) => (typeof part === "number" ? Buffer.of(part) : Buffer.from(part as string))));

export const text = (value: string): Buffer => op(OPCODE.BINUNICODE, uint32(Buffer.byteLength(value)), value);
export const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return op(OPCODE.BININT, bytes);
};
/** Any whole number of up to 8 bytes. */
export const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return op(OPCODE.LONG1, 8, bytes);
};
export const none = op(OPCODE.NONE);
export const yes = op(OPCODE.NEWTRUE);
export const no = op(OPCODE.NEWFALSE);
export const tuple = (...items: Buffer[]): Buffer => Buffer.concat([op(OPCODE.MARK), ...items, op(OPCODE.TUPLE)]);
export const list = (...items: Buffer[]): Buffer =>
  Buffer.concat([op(OPCODE.EMPTY_LIST), op(OPCODE.MARK), ...items, op(OPCODE.APPENDS)]);
export const dict = (...items: Buffer[]): Buffer =>
  Buffer.concat([op(OPCODE.EMPTY_DICT), op(OPCODE.MARK), ...items, op(OPCODE.SETITEMS)]);
export const global = (module: string, name: string): Buffer => op(OPCODE.GLOBAL, `${module}\n${name}\n`);
export const reduce = (target: Buffer, ...args: Buffer[]): Buffer => Buffer.concat([target, tuple(...args), op(OPCODE.REDUCE)]);
export const orderedDict = (): Buffer => reduce(global("collections", "OrderedDict"));

export interface StorageOptions {
  type?: string;
  key?: string;
  numel?: number;
  view?: Buffer;
}

export const storage = ({ type = "FloatStorage", key = "0", numel = 6, view }: StorageOptions = {}): Buffer =>
  Buffer.concat([
    tuple(text("storage"), global("torch", type), text(key), text("cpu"), int(numel), ...(view ? [view] : [])),
    op(OPCODE.BINPERSID),
  ]);

export interface TensorOptions extends StorageOptions {
  offset?: number;
  shape?: number[];
  strides?: number[];
}

/** By default all of a storage of six float32. */
export const tensor = ({ offset = 0, shape = [2, 3], strides = [3, 1], ...rest }: TensorOptions = {}): Buffer =>
  reduce(
    global("torch._utils", "_rebuild_tensor_v2"),
    storage(rest),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    no,
    orderedDict(),
  );

/** The whole pickle of a value. */
export const pickle = (...parts: Buffer[]): Buffer => Buffer.concat([op(OPCODE.PROTO, 2), ...parts, op(OPCODE.STOP)]);

const MAGIC = Buffer.from("6cfc9c46f9206aa85019", "hex");

/** The whole legacy file: `value` is one whole pickle; storages are [key, numel, bytes]. */
export const legacyFile = (value: Buffer, storages: [string, number, Buffer][] = []): Buffer =>
  Buffer.concat([
    pickle(op(OPCODE.LONG1, MAGIC.length, MAGIC)),
    pickle(int(1001)),
    pickle(dict(text("little_endian"), yes)),
    value,
    pickle(list(...storages.map(([key]) => text(key)))),
    ...storages.flatMap(([, numel, bytes]) => [uint32(numel), uint32(0), bytes]),
  ]);

/** The bytes of float32 values. */
export const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
