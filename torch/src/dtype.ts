// The element types that JavaScript and libtorch exchange, and the typed arrays that hold them.

/** PyTorch's names of element types. */
export type Dtype = "float32" | "float64" | "float16" | "bfloat16" | "int64" | "int32" | "int16" | "int8" | "uint8" | "bool";
/** PyTorch's names of layouts. */
export type MemoryFormat = "contiguous_format" | "preserve_format" | "channels_last";
/** "cpu", "cuda" or "cuda:1". */
export type Device = string;

/** The typed arrays that hold a tensor's values. */
export type TypedArray = Float32Array | Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;

/** The typed array that holds a dtype's values. float16 and bfloat16 have none: convert the tensor to float32 first. */
export function arrayOf(dtype: Dtype, buffer: ArrayBuffer): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    case "int64":
      return new BigInt64Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "int8":
      return new Int8Array(buffer);
    case "uint8":
    case "bool":
      return new Uint8Array(buffer);
    default:
      throw new TypeError(`data: expected a dtype with a typed array, got ${dtype}; convert with to("float32")`);
  }
}

/** The bytes of `values` (flat) as `dtype`. */
export function bytesOf(values: ArrayLike<number | bigint | boolean>, dtype: Dtype): Uint8Array {
  const array = encode(values, dtype);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function encode(values: ArrayLike<number | bigint | boolean>, dtype: Dtype): TypedArray {
  if (ArrayBuffer.isView(values) && natural(values) === dtype) return values as unknown as TypedArray;
  const numbers = values as ArrayLike<number>;
  switch (dtype) {
    case "float32":
      return Float32Array.from(numbers, Number);
    case "float64":
      return Float64Array.from(numbers, Number);
    case "int64":
      return BigInt64Array.from({ length: values.length }, (_, i) => toBigInt(values[i]));
    case "int32":
      return Int32Array.from(numbers, Number);
    case "int16":
      return Int16Array.from(numbers, Number);
    case "int8":
      return Int8Array.from(numbers, Number);
    case "uint8":
      return Uint8Array.from(numbers, Number);
    case "bool":
      return Uint8Array.from(numbers, (value) => (value ? 1 : 0));
    default:
      throw new TypeError(
        `tensor: expected a dtype with a typed array, got ${dtype}; create it as float32 and convert with to("${dtype}")`,
      );
  }
}

function toBigInt(value: number | bigint | boolean): bigint {
  if (typeof value === "number" && !Number.isSafeInteger(value))
    throw new TypeError(`tensor: expected integers for int64, got ${value}`);
  return BigInt(value);
}

/** The dtype that holds the values unchanged: that of a typed array; otherwise bool, int64 for bigints, float32 for numbers. */
export function natural(values: ArrayLike<number | bigint | boolean>): Dtype {
  if (values instanceof Float32Array) return "float32";
  if (values instanceof Float64Array) return "float64";
  if (values instanceof BigInt64Array) return "int64";
  if (values instanceof Int32Array) return "int32";
  if (values instanceof Int16Array) return "int16";
  if (values instanceof Int8Array) return "int8";
  if (values instanceof Uint8Array || values instanceof Uint8ClampedArray) return "uint8";
  return typeof values[0] === "boolean" ? "bool" : typeof values[0] === "bigint" ? "int64" : "float32";
}
