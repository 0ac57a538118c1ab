// Valid and invalid arguments for random-calls.fixture.ts, all from one seed: tensors of many shapes, dtypes and layouts, released
// tensors, numbers at the ends of their range, devices that do not exist, and values of wrong types.

import { zeros } from "./functional.ts";
import { Generator } from "./generator.ts";
import { release } from "./scope.ts";
import { Tensor } from "./tensor.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** Elements of a result that later calls may get as an argument. */
const MOST_ELEMENTS = 1000;
const MOST_RESULTS = 20;

export class RandomArguments {
  private state: number;
  private readonly generator = new Generator(1);
  private results: Tensor[] = [];
  private readonly gone = zeros([2]);

  constructor(seed: number) {
    this.state = seed;
    release(this.gone);
  }

  /** Mulberry32: uniform in [0, 1). */
  random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), 1 | t);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  chance(probability: number): boolean {
    return this.random() < probability;
  }
  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.random() * choices.length)];
  }
  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: Math.floor(this.random() * (most + 1)) }, make);
  }

  /** The results so far are about to be released. */
  forget(): void {
    this.results = [];
  }
  /** A result that later calls may get. */
  offer(result: Tensor): void {
    if (result.numel > MOST_ELEMENTS) return;
    if (this.results.length < MOST_RESULTS) this.results.push(result);
    else this.results[Math.floor(this.random() * MOST_RESULTS)] = result;
  }

  tensor(): Tensor {
    if (this.chance(0.02)) return this.gone;
    if (this.results.length > 0 && this.chance(0.3)) return this.pick(this.results);
    const made = this.pick(fresh)();
    if (this.chance(0.2) && made.dtype.startsWith("float")) made.requiresGrad = true;
    return made;
  }
  /** Never between 7 and 2^40, because a tensor of such a size might fit into memory. */
  integer(): number | bigint {
    if (this.chance(0.02)) return this.pick([INT64_MIN, INT64_MAX, 2 ** 40, -(2 ** 40), 2 ** 53, -(2 ** 31)]);
    return this.pick([0, 1, 1, 2, 2, 3, 4, -1, -2, 7]);
  }
  float(): number {
    return this.pick([0, 0.5, 1, -1, 1e-5, -0, 1e30, Number.NaN, Number.POSITIVE_INFINITY]);
  }
  device(): string {
    return this.chance(0.8)
      ? "cpu"
      : this.pick(["cuda", "cuda:7", "meta", "mkldnn", "xla", "vulkan", "tpu", "cpu:1", "", "cpu:-1", "ipu"]);
  }
  dtype(): string {
    return this.pick(["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]);
  }
  wrong(): unknown {
    return this.pick<() => unknown>([
      () => null,
      () => undefined,
      () => "nonsense",
      () => 1.5,
      () => [[]],
      () => ({}),
      () => this.tensor(),
      () => -7,
      () => 2n ** 64n,
      () => Symbol("symbol"),
      () => () => 1,
      () => ({ handle: this.pick([0, 2, 1e9, -2, 0.5, Number.NaN, 2 ** 53]) }),
      () => new Uint8Array(3),
      () => this.generator,
    ])();
  }

  /** A value for a schema's type, such as "Tensor[]", "int[2]?", "Scalar". */
  ofType(type: string): unknown {
    if (this.chance(0.04)) return this.wrong();
    if (type.endsWith("?")) return this.chance(0.4) ? null : this.ofType(type.slice(0, -1));
    const list = /^(.*)\[(\d*)\]$/.exec(type);
    if (list) {
      const length = this.chance(0.7) && list[2] ? Number(list[2]) : Math.floor(this.random() * 5);
      return Array.from({ length }, () => this.ofType(list[1]));
    }
    switch (type) {
      case "Tensor":
        return this.tensor();
      case "int":
      case "SymInt":
        return this.integer();
      case "float":
        return this.float();
      case "bool":
        return this.chance(0.5);
      case "Scalar":
        return this.pick<unknown>([0, 1, 2, -1, 0.5, true, INT64_MIN, Number.NaN]);
      case "str":
        return this.pick(["", "mean", "sum", "floor", "trunc", "reflect", "ij->ji", "ij,jk->ik"]);
      case "Device":
        return this.device();
      case "Generator":
        return this.generator;
      case "ScalarType":
        return this.dtype();
      case "MemoryFormat":
        return this.pick(["contiguous_format", "channels_last", "preserve_format"]);
      case "Layout":
        return "strided";
      default:
        return this.wrong();
    }
  }
}

const fresh: readonly (() => Tensor)[] = [
  () => Tensor.from([0.5, -1, 2, 3, 0, 1.5], [2, 3]),
  () => Tensor.from([Number.NaN, Number.POSITIVE_INFINITY, -0, 1e38], [2, 2]),
  () => Tensor.from([1, 0, 2, 1, 0, 1], [2, 3], { dtype: "int64" }),
  () => Tensor.from([0, 1, 1], [3], { dtype: "int64" }),
  () => Tensor.from([-3, 9, 100], [3], { dtype: "int64" }),
  () => Tensor.from([INT64_MIN, INT64_MAX, -1n]),
  () => Tensor.from([-(2 ** 31), -1, 5], [3], { dtype: "int32" }),
  () => Tensor.from([-1], [1], { dtype: "int8" }),
  () => Tensor.from([2.5], []),
  () => Tensor.from([3], [], { dtype: "int64" }),
  () => Tensor.from([-1n], []),
  () => Tensor.from([], [0]),
  () => zeros([0, 4]),
  () => Tensor.from([true, false, true, true], [2, 2]),
  () => Tensor.from([1, 2, 250], [3], { dtype: "uint8" }),
  () => Tensor.from([1, 2, 3, 4], [2, 2], { dtype: "float64" }),
  () => Tensor.from([1, 2, 3, 4], [2, 2]).to("bfloat16"),
  () => Tensor.from([1, 2, 3, 4], [2, 2]).to("float16"),
  () => Tensor.from([1, 2, 3], [3]).expand(4, 3),
  () => zeros([2, 3]).transpose(0, 1),
  () => zeros([1, 4, 5, 5]).contiguous("channels_last"),
  () => zeros([2, 4, 3, 3]).fill_(0.5),
  () => zeros([4]).fill_(1),
  () => zeros([1, 2, 3, 3, 3]),
];

/** Text for finding the call that crashed a process. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null && "handle" in value && !(value instanceof Tensor))
    return `handle ${value.handle}`;
  try {
    return value instanceof Tensor ? `${String(value).slice("Tensor ".length)} strides ${value.strides}` : String(value);
  } catch {
    return "a released tensor";
  }
}
