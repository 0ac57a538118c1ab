// A tensor: a handle to native memory, its properties, and the operators that read best as methods (arithmetic, shape, reduction,
// selection), one line each under PyTorch's name. `Tensor | number` arguments broadcast. Only methods whose name ends in "_"
// change their inputs.

import { call } from "./call.ts";
import { arrayOf, bytesOf, type Device, type Dtype, type MemoryFormat, natural, type TypedArray } from "./dtype.ts";
import { native } from "./native.ts";
import { adopt } from "./scope.ts";

/** An argument that broadcasts against a tensor. */
export type Operand = Tensor | number;

/**
 * An n-dimensional array in native memory, which belongs to the scope in which it was created. Methods have PyTorch's names; wrong
 * arguments throw an Error with the operator and the shapes.
 *
 * @example
 * const x = Tensor.from([1, 2, 3, 4], [2, 2]);
 * x.mul(2).sum().item(); // 20
 */
export class Tensor {
  readonly handle: number;

  /** For internal use: wraps a native handle. Use `Tensor.from`, `zeros` and the operators to make tensors. */
  constructor(handle: number) {
    this.handle = handle;
    adopt(this);
  }

  /**
   * Copies values into a new tensor. The default dtype is that of a typed array, bool for booleans, int64 for bigints, and float32
   * for other numbers. Throws an Error when the number of values is not the product of `shape` (default: one dimension).
   */
  static from(
    values: ArrayLike<number | bigint | boolean>,
    shape: readonly number[] = [values.length],
    options: { dtype?: Dtype; device?: Device } = {},
  ): Tensor {
    const dtype = options.dtype ?? natural(values);
    return Tensor.fromBytes(bytesOf(values, dtype), shape, dtype, options.device);
  }

  /** Copies little-endian, contiguous bytes, as in weight files. */
  static fromBytes(bytes: Uint8Array, shape: readonly number[], dtype: Dtype, device: Device = "cpu"): Tensor {
    return new Tensor(native().fromBuffer(bytes, shape, dtype, device));
  }

  get shape(): number[] {
    return native().shape(this);
  }
  get numel(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }
  get dtype(): Dtype {
    return native().describe(this).dtype as Dtype;
  }
  get device(): Device {
    return native().describe(this).device;
  }
  get strides(): number[] {
    return native().describe(this).strides;
  }

  /** A contiguous copy of the values. bool is returned as a Uint8Array; bfloat16 and float16 must be converted first. */
  data(): TypedArray {
    return arrayOf(this.dtype, native().toBuffer(this));
  }
  /** The bytes of a contiguous, little-endian copy, for every dtype. */
  bytes(): Uint8Array {
    return new Uint8Array(native().toBuffer(this));
  }
  /** The values as ordinary numbers. */
  numbers(): number[] {
    const dtype = this.dtype;
    const data = dtype === "bfloat16" || dtype === "float16" ? this.to("float32").data() : this.data();
    return Array.from(data as ArrayLike<number | bigint>, Number);
  }
  /** The value of a tensor with one element. Throws a RangeError for any other number. */
  item(): number {
    const numbers = this.numbers();
    if (numbers.length !== 1) throw new RangeError(`item: expected one element, got ${numbers.length}`);
    return numbers[0];
  }
  toString(): string {
    return `Tensor ${this.dtype}[${this.shape.join(", ")}]`;
  }

  // ---- gradients
  get requiresGrad(): boolean {
    return native().describe(this).requiresGrad;
  }
  set requiresGrad(value: boolean) {
    native().setRequiresGrad(this, value);
  }
  /** What `backward` has accumulated; null before. Every read returns a new handle, which belongs to the current scope. */
  get grad(): Tensor | null {
    const handle = native().getGrad(this);
    return handle === null ? null : new Tensor(handle);
  }
  set grad(gradient: Tensor | null) {
    native().setGrad(this, gradient);
  }
  detach(): Tensor {
    return call("detach", [this]);
  }

  // ---- dtype, device, layout
  /** Converts to another dtype; returns the tensor itself if it already has it. */
  to(dtype: Dtype): Tensor {
    return call("to.dtype", [this, dtype]);
  }
  toDevice(device: Device): Tensor {
    return call("to.dtype_layout", [this], { device });
  }
  contiguous(memory_format: MemoryFormat = "contiguous_format"): Tensor {
    return call("contiguous", [this], { memory_format });
  }
  clone(): Tensor {
    return call("clone", [this]);
  }

  // ---- arithmetic, elementwise
  add(other: Operand, alpha = 1): Tensor {
    return other instanceof Tensor ? call("add.Tensor", [this, other], { alpha }) : call("add.Scalar", [this, other, alpha]);
  }
  sub(other: Operand): Tensor {
    return other instanceof Tensor ? call("sub.Tensor", [this, other]) : call("sub.Scalar", [this, other]);
  }
  mul(other: Operand): Tensor {
    return other instanceof Tensor ? call("mul.Tensor", [this, other]) : call("mul.Scalar", [this, other]);
  }
  div(other: Operand): Tensor {
    return other instanceof Tensor ? call("div.Tensor", [this, other]) : call("div.Scalar", [this, other]);
  }
  /** Integer division, rounded down. */
  floorDiv(other: number): Tensor {
    return call("div.Scalar_mode", [this, other], { rounding_mode: "floor" });
  }
  remainder(other: number): Tensor {
    return call("remainder.Scalar", [this, other]);
  }
  pow(exponent: number): Tensor {
    return call("pow.Tensor_Scalar", [this, exponent]);
  }
  neg(): Tensor {
    return call("neg", [this]);
  }
  abs(): Tensor {
    return call("abs", [this]);
  }
  exp(): Tensor {
    return call("exp", [this]);
  }
  log(): Tensor {
    return call("log", [this]);
  }
  log2(): Tensor {
    return call("log2", [this]);
  }
  sqrt(): Tensor {
    return call("sqrt", [this]);
  }
  rsqrt(): Tensor {
    return call("rsqrt", [this]);
  }
  floor(): Tensor {
    return call("floor", [this]);
  }
  round(): Tensor {
    return call("round", [this]);
  }
  sigmoid(): Tensor {
    return call("sigmoid", [this]);
  }
  clamp(min: number | null, max: number | null = null): Tensor {
    return call("clamp", [this, min, max]);
  }
  maximum(other: Tensor): Tensor {
    return call("maximum", [this, other]);
  }
  minimum(other: Tensor): Tensor {
    return call("minimum", [this, other]);
  }

  // ---- in place: for buffers and parameters, outside autograd's recording
  copy_(source: Tensor): Tensor {
    call("copy_", [this, source]);
    return this;
  }
  add_(other: Operand, alpha = 1): Tensor {
    if (other instanceof Tensor) call("add_.Tensor", [this, other], { alpha });
    else call("add_.Scalar", [this, other, alpha]);
    return this;
  }
  mul_(other: Operand): Tensor {
    if (other instanceof Tensor) call("mul_.Tensor", [this, other]);
    else call("mul_.Scalar", [this, other]);
    return this;
  }
  fill_(value: number): Tensor {
    call("fill_.Scalar", [this, value]);
    return this;
  }

  // ---- comparison: bool tensors
  eq(other: Operand): Tensor {
    return other instanceof Tensor ? call("eq.Tensor", [this, other]) : call("eq.Scalar", [this, other]);
  }
  ne(other: Operand): Tensor {
    return other instanceof Tensor ? call("ne.Tensor", [this, other]) : call("ne.Scalar", [this, other]);
  }
  lt(other: Operand): Tensor {
    return other instanceof Tensor ? call("lt.Tensor", [this, other]) : call("lt.Scalar", [this, other]);
  }
  le(other: Operand): Tensor {
    return other instanceof Tensor ? call("le.Tensor", [this, other]) : call("le.Scalar", [this, other]);
  }
  gt(other: Operand): Tensor {
    return other instanceof Tensor ? call("gt.Tensor", [this, other]) : call("gt.Scalar", [this, other]);
  }
  ge(other: Operand): Tensor {
    return other instanceof Tensor ? call("ge.Tensor", [this, other]) : call("ge.Scalar", [this, other]);
  }
  and(other: Tensor): Tensor {
    return call("logical_and", [this, other]);
  }
  or(other: Tensor): Tensor {
    return call("logical_or", [this, other]);
  }
  not(): Tensor {
    return call("logical_not", [this]);
  }
  isfinite(): Tensor {
    return call("isfinite", [this]);
  }

  // ---- reduction: over everything, or over `dim`
  sum(dim?: number, keepdim = false): Tensor {
    return dim === undefined ? call("sum", [this]) : call("sum.dim_IntList", [this, [dim], keepdim]);
  }
  mean(dim?: number, keepdim = false): Tensor {
    return dim === undefined ? call("mean", [this]) : call("mean.dim", [this, [dim], keepdim]);
  }
  /** The largest values along `dim`, and their indices. */
  max(dim: number): [values: Tensor, indices: Tensor] {
    return call("max.dim", [this, dim]);
  }
  all(): Tensor {
    return call("all", [this]);
  }
  any(): Tensor {
    return call("any", [this]);
  }
  argmax(dim: number): Tensor {
    return call("argmax", [this, dim]);
  }

  // ---- shape
  reshape(...shape: number[]): Tensor {
    return call("reshape", [this, shape]);
  }
  flatten(startDim = 0, endDim = -1): Tensor {
    return call("flatten.using_ints", [this, startDim, endDim]);
  }
  permute(...dims: number[]): Tensor {
    return call("permute", [this, dims]);
  }
  transpose(a: number, b: number): Tensor {
    return call("transpose.int", [this, a, b]);
  }
  squeeze(dim: number): Tensor {
    return call("squeeze.dim", [this, dim]);
  }
  unsqueeze(dim: number): Tensor {
    return call("unsqueeze", [this, dim]);
  }
  expand(...shape: number[]): Tensor {
    return call("expand", [this, shape]);
  }
  /** The part of dimension `dim` from `start` (inclusive) to `end` (exclusive), as a view. */
  slice(dim: number, start: number, end: number): Tensor {
    return call("slice.Tensor", [this, dim, start, end]);
  }
  /** One index of dimension `dim`, which is removed, as a view. */
  select(dim: number, index: number): Tensor {
    return call("select.int", [this, dim, index]);
  }
  flip(...dims: number[]): Tensor {
    return call("flip", [this, dims]);
  }

  // ---- selection by tensors
  /** Rows (or slices of `dim`) by an int64 index [K]. */
  indexSelect(dim: number, index: Tensor): Tensor {
    return call("index_select", [this, dim, index]);
  }
  /** output[i][j] = this[i][index[i][j]] for dim 1; the index has as many dimensions as the tensor. */
  gather(dim: number, index: Tensor): Tensor {
    return call("gather", [this, dim, index]);
  }
  /** The indices at which the tensor is not zero: int64 [K] for one dimension. */
  nonzero(): Tensor {
    return call("squeeze.dim", [call("nonzero", [this]), 1]);
  }
  /** The elements (or rows) for which the bool `mask` [N] is true. */
  masked(mask: Tensor): Tensor {
    return call("index.Tensor", [this, [mask]]);
  }
  /** The k largest values along `dim`, largest first, and their indices. */
  topk(k: number, dim = -1): [values: Tensor, indices: Tensor] {
    return call("topk", [this, k, dim]);
  }
  /** The values sorted along `dim`, and their original indices; equal values keep their order. */
  sort(options: { dim?: number; descending?: boolean } = {}): [values: Tensor, indices: Tensor] {
    const { dim = -1, descending = false } = options;
    return call("sort.stable", [this], { stable: true, dim, descending });
  }
}
