// A graph of ONNX (https://onnx.ai/onnx/intro/concepts.html) while it is written: values have names, a node makes values of values.
// Field numbers are those of onnx.proto.

import type { RawTensor } from "@sparsecell/torch";
import { bytes, type Fields, float, integer, message, text } from "../../files/protobuf.ts";

/** The name of what flows between nodes. */
export type Value = string;

/** An input that is optional and left out. */
export const absent: Value = "";

/** Whole numbers are `int`, or `float` where an operator wants them so: see `Graph.node`. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

const dtypes = { float32: 1, int64: 7, float64: 11 } as const;
export type GraphDtype = keyof typeof dtypes;
/** As the operator Cast names a type. */
export const castTo = (dtype: GraphDtype): { readonly to: number } => ({ to: dtypes[dtype] });

/** A side of an input or output: a length, or the name of one that is known when the graph runs. */
export type Side = number | string;

export class Graph {
  readonly #weights: ReadonlyMap<string, RawTensor>;
  readonly #nodes: Fields[] = [];
  readonly #initializers = new Map<string, Fields>();
  /** Names of constants by what they are. */
  readonly #literals = new Map<string, Value>();
  readonly #inputs: Fields[] = [];
  readonly #outputs: Fields[] = [];
  #count = 0;

  /** `weights`: of a detector, by their names in its state dict, which they keep. */
  constructor(weights: ReadonlyMap<string, RawTensor>) {
    this.#weights = weights;
  }

  input(name: string, dtype: GraphDtype, shape: readonly Side[]): Value {
    this.#inputs.push(message(11, ...valueInfo(name, dtype, shape)));
    return name;
  }

  output(name: string, dtype: GraphDtype, shape: readonly Side[], value: Value): void {
    this.#nodes.push(node("Identity", [value], [name], {}));
    this.#outputs.push(message(12, ...valueInfo(name, dtype, shape)));
  }

  /** What an operator with one output makes of `inputs`. */
  node(operator: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.nodes(operator, inputs, 1, attributes)[0];
  }

  /** The same of an operator with several outputs. */
  nodes(
    operator: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const names = Array.from({ length: outputs }, () => `${operator}_${++this.#count}`);
    this.#nodes.push(node(operator, inputs, names, attributes));
    return names;
  }

  hasWeight(name: string): boolean {
    return this.#weights.has(name);
  }

  /** The shape of a weight. Throws an Error when there is none of that name. */
  shapeOf(name: string): readonly number[] {
    const weight = this.#weights.get(name);
    if (!weight) throw new Error(`unknown weight ${name}`);
    return weight.shape;
  }

  /** A weight, with another shape if one is given. */
  weight(name: string, shape = this.shapeOf(name)): Value {
    const { dtype, data } = this.#weights.get(name) as RawTensor;
    if (dtype !== "float32") throw new Error(`${name}: expected float32, got ${dtype}`);
    return this.#constant(name, "float32", shape, data);
  }

  floats(values: ArrayLike<number>, shape: readonly number[] = [values.length]): Value {
    return this.#literal("float32", Float32Array.from(values), shape);
  }

  doubles(values: ArrayLike<number>, shape: readonly number[] = [values.length]): Value {
    return this.#literal("float64", Float64Array.from(values), shape);
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.#literal("int64", BigInt64Array.from(values, BigInt), shape);
  }

  /** The GraphProto in its model. */
  fields(field: number, name: string): Fields {
    return message(field, ...this.#nodes, text(2, name), ...this.#initializers.values(), ...this.#inputs, ...this.#outputs);
  }

  /** The same numbers are the same constant. */
  #literal(dtype: GraphDtype, { buffer }: Float32Array | Float64Array | BigInt64Array, shape: readonly number[]): Value {
    const data = Buffer.from(buffer);
    const key = `${dtype} ${shape.join(",")} ${data.toString("base64")}`;
    const name = this.#literals.get(key) ?? `constant_${this.#literals.size + 1}`;
    this.#literals.set(key, name);
    return this.#constant(name, dtype, shape, data);
  }

  #constant(name: string, dtype: GraphDtype, shape: readonly number[], data: Uint8Array): Value {
    if (!this.#initializers.has(name))
      this.#initializers.set(
        name,
        message(5, ...shape.map((side) => integer(1, side)), integer(2, dtypes[dtype]), text(8, name), bytes(9, data)),
      );
    return name;
  }
}

function node(
  operator: string,
  inputs: readonly Value[],
  outputs: readonly Value[],
  attributes: Readonly<Record<string, Attribute>>,
): Fields {
  return message(
    1,
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(3, `${operator} ${outputs[0]}`),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => message(5, text(1, name), ...attribute(value))),
  );
}

/** Its value, and which of the kinds it is. */
function attribute(value: Attribute): Fields[] {
  if (typeof value === "string") return [bytes(4, Buffer.from(value)), integer(20, 3)];
  if (typeof value === "number") return [integer(3, value), integer(20, 2)];
  if ("float" in value) return [float(2, value.float), integer(20, 1)];
  return [...value.map((item) => integer(8, item)), integer(20, 7)];
}

function valueInfo(name: string, dtype: GraphDtype, shape: readonly Side[]): Fields[] {
  const sides = shape.map((side) => message(1, typeof side === "number" ? integer(1, side) : text(2, side)));
  return [text(1, name), message(2, message(1, integer(1, dtypes[dtype]), message(2, ...sides)))];
}
