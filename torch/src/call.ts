// Calls any registered operator of libtorch by name, through its boxed dispatcher. Arguments are converted and checked by the
// operator's schema; `generated/operators.ts` gives the same schemas to the type checker.

import type { Operators } from "./generated/operators.ts";
import { type Handle, native, type OperatorInfo } from "./native.ts";
import { Tensor } from "./tensor.ts";

/**
 * Internal operators of libtorch, called with arguments that an outer operator has checked. Their kernels check nothing, and a
 * wrong argument reads or writes beyond a tensor. Found by calling all operators with random arguments.
 */
const INNER = /^(?!aten::)|^aten::(_(?!foreach_)|cudnn_|fused_|miopen_|mkldnn_|native_|quantized_)|_(backward|forward|helper)/;

/** Internal operators that have no such name. */
const UNCHECKED =
  /^aten::(align_to|align_tensors|batch_norm_update_stats|choose_qparams_optimized|fractional_max_pool[23]d|gradient|histogramdd|lstm|rrelu_with_noise_?|set_?)$/;

interface Operator extends OperatorInfo {
  readonly inner: boolean;
}

const operators = new Map<string, Operator>();

function operator(name: string): Operator {
  let known = operators.get(name);
  if (!known) {
    const [, base, overload] = /^([^.]*)\.?(.*)$/.exec(name) as RegExpExecArray;
    const full = base.includes("::") ? base : `aten::${base}`;
    known = { ...native().lookup(full, overload), inner: INNER.test(full) || UNCHECKED.test(full) };
    operators.set(name, known);
  }
  return known;
}

/**
 * Calls an operator by libtorch's name, with or without "aten::". Trailing arguments with defaults may be omitted; arguments after
 * the schema's `*` go into `keywords`. Returns the result, or an array of results if there are several.
 * Throws an Error with the operator, the argument and the shapes when something does not fit.
 *
 * @example
 * call("add.Tensor", [x, y], { alpha: 2 }); // x + 2y
 * const [values, indices] = call("topk", [x, 5]);
 */
export function call<N extends keyof Operators>(
  name: N,
  args: Operators[N]["args"],
  keywords?: Operators[N]["keywords"],
): Operators[N]["result"] {
  return callAny(name, args, keywords) as Operators[N]["result"];
}

/**
 * `call` without types, for operators that are not in the generated table, such as those of other versions of libtorch.
 *
 * @example
 * const y = callAny("special_sinc", [x]) as Tensor;
 */
export function callAny(name: string, args: readonly unknown[], keywords?: object): unknown {
  const known = operator(name);
  if (known.inner)
    throw new Error(
      `${name}: is an internal operator of libtorch, which does not check its arguments; use callUnchecked at your own risk`,
    );
  return run(known, args, keywords);
}

/**
 * `callAny` for libtorch's internal operators, where a wrong argument may crash the process.
 *
 * @example
 * callUnchecked("_fft_r2c", [x, [0], 0, true]);
 */
export function callUnchecked(name: string, args: readonly unknown[], keywords?: object): unknown {
  return run(operator(name), args, keywords);
}

function run({ index, returns }: Operator, args: readonly unknown[], keywords?: object): unknown {
  const results = native().call(index, args, keywords);
  if (returns.length === 0) return undefined;
  if (returns.length === 1) return wrap(results[0], returns[0]);
  return results.map((result, i) => wrap(result, returns[i]));
}

/**
 * The operator's schema as libtorch prints it. Throws an Error for an unknown operator.
 *
 * @example
 * schemaOf("relu"); // "aten::relu(Tensor self) -> Tensor"
 */
export function schemaOf(name: string): string {
  return operator(name).schema;
}

function wrap(result: unknown, type: string): unknown {
  if (result === null || !type.startsWith("Tensor")) return result;
  if (Array.isArray(result)) return result.map((handle: Handle | null) => (handle === null ? null : new Tensor(handle)));
  return new Tensor(result as Handle);
}
