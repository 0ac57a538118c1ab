// What the pickle reader can build, and the only names that a pickle may call. Integers are bigint, floats are number, lists are
// arrays, dicts are Maps. A tensor refers to its values in a storage, whose bytes are found later.
// Nothing here loads, runs or looks up anything: a name stands for one of the functions below or is refused.

import type { Dtype } from "../dtype.ts";
import { MAX_DIMENSIONS } from "./raw-tensor.ts";

export type PickleValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | Tuple
  | Dict
  | StorageType
  | StorageReference
  | PickledTensor
  | Builder;

export class Dict extends Map<PickleValue, PickleValue> {}
export class OrderedDict extends Dict {}

export class Tuple {
  readonly items: readonly PickleValue[];
  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** A storage class such as torch.FloatStorage. */
export class StorageType {
  readonly dtype: Dtype;
  constructor(dtype: Dtype) {
    this.dtype = dtype;
  }
}

export interface StorageReference {
  readonly kind: "storage";
  readonly dtype: Dtype;
  readonly key: string;
  /** The number of elements of the whole storage. */
  readonly numel: number;
  /** The part referred to, in elements (in files of the oldest versions). */
  readonly part?: { readonly offset: number; readonly numel: number };
}

/** Offset and strides count elements. Not yet checked against the storage. */
export interface PickledTensor {
  readonly kind: "tensor";
  readonly storage: StorageReference;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A function that a pickle may call; `build` returns undefined for arguments of the wrong kinds. */
export interface Builder {
  readonly kind: "builder";
  readonly name: string;
  readonly build: (args: readonly PickleValue[]) => PickleValue | undefined;
}

/** Python's name for the kind of a value, for messages. */
export function kindOf(value: PickleValue): string {
  if (value === null) return "None";
  if (Array.isArray(value)) return "list";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Tuple) return "tuple";
  if (value instanceof OrderedDict) return "OrderedDict";
  if (value instanceof Dict) return "dict";
  if (value instanceof StorageType) return "storage type";
  if (typeof value === "object") return value.kind;
  return { boolean: "bool", bigint: "int", number: "float", string: "str" }[
    typeof value as "boolean" | "bigint" | "number" | "string"
  ];
}

export function isStorage(value: PickleValue): value is StorageReference {
  return kindOf(value) === "storage";
}
export function isTensor(value: PickleValue): value is PickledTensor {
  return kindOf(value) === "tensor";
}
export function isBuilder(value: PickleValue): value is Builder {
  return kindOf(value) === "builder";
}

/** A non-negative safe integer, or undefined. */
export function count(value: PickleValue): number | undefined {
  return typeof value === "bigint" && value >= 0n && value <= Number.MAX_SAFE_INTEGER ? Number(value) : undefined;
}

function counts(value: PickleValue): number[] | undefined {
  if (!(value instanceof Tuple) || value.items.length > MAX_DIMENSIONS) return undefined;
  const numbers = value.items.map(count);
  return numbers.every((number) => number !== undefined) ? numbers : undefined;
}

/** torch._utils._rebuild_tensor(storage, offset, size, stride) */
function rebuildTensor(args: readonly PickleValue[]): PickleValue | undefined {
  const [storage, offset, shape, strides] = [args[0], count(args[1]), counts(args[2]), counts(args[3])];
  if (args.length !== 4 || !isStorage(storage) || offset === undefined || !shape || shape.length !== strides?.length)
    return undefined;
  return { kind: "tensor", storage, offset, shape, strides };
}

/** torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]) */
function rebuildTensorV2(args: readonly PickleValue[]): PickleValue | undefined {
  const [requiresGrad, hooks, metadata] = args.slice(4);
  if (typeof requiresGrad !== "boolean" || !(hooks instanceof Dict) || args.length > 7) return undefined;
  const plain = metadata === undefined || (metadata instanceof Dict && metadata.size === 0); // else a pending negation or conjugation
  return plain ? rebuildTensor(args.slice(0, 4)) : undefined;
}

/** torch._utils._rebuild_parameter(data, requires_grad, hooks) */
function rebuildParameter(args: readonly PickleValue[]): PickleValue | undefined {
  const [data, requiresGrad, hooks] = args;
  return args.length === 3 && isTensor(data) && typeof requiresGrad === "boolean" && hooks instanceof Dict ? data : undefined;
}

/** OrderedDict(), or OrderedDict(pairs) as written by Python 2. */
function orderedDict(args: readonly PickleValue[]): PickleValue | undefined {
  const [pairs = []] = args;
  if (args.length > 1 || !Array.isArray(pairs)) return undefined;
  const result = new OrderedDict();
  for (const pair of pairs) {
    const items = pair instanceof Tuple ? pair.items : pair;
    if (!Array.isArray(items) || items.length !== 2 || !isKey(items[0])) return undefined;
    result.set(items[0], items[1]);
  }
  return result;
}

/** torch.Size(sizes) */
function size(args: readonly PickleValue[]): PickleValue | undefined {
  return args.length === 1 && counts(args[0]) ? args[0] : undefined;
}

/** Whether Python could hash the value. */
export function isKey(value: PickleValue): boolean {
  return value === null || typeof value !== "object" || value instanceof Tuple || value instanceof Uint8Array;
}

const builder = (name: string, build: Builder["build"]): [string, Builder] => [name, { kind: "builder", name, build }];
const storage = (name: string, dtype: Dtype): [string, StorageType] => [`torch.${name}Storage`, new StorageType(dtype)];

/** Every name that a pickle may use. */
export const ALLOWED: ReadonlyMap<string, Builder | StorageType> = new Map<string, Builder | StorageType>([
  builder("collections.OrderedDict", orderedDict),
  builder("torch.Size", size),
  builder("torch._utils._rebuild_tensor", rebuildTensor),
  builder("torch._utils._rebuild_tensor_v2", rebuildTensorV2),
  builder("torch._utils._rebuild_parameter", rebuildParameter),
  storage("Double", "float64"),
  storage("Float", "float32"),
  storage("Half", "float16"),
  storage("BFloat16", "bfloat16"),
  storage("Long", "int64"),
  storage("Int", "int32"),
  storage("Short", "int16"),
  storage("Char", "int8"),
  storage("Byte", "uint8"),
  storage("Bool", "bool"),
]);
