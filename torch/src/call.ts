// Any operator that libtorch has registered, by name, through its boxed dispatcher. Arguments are converted and checked
// by the operator's own schema; `generated/operators.ts` gives the same schemas to the type checker.

import type { Operators } from "./generated/operators.ts";
import { type Handle, native, type OperatorInfo } from "./native.ts";
import { Tensor } from "./tensor.ts";

/**
 * Operators that libtorch means for itself, called with arguments that an outer operator has checked: their kernels do
 * not look, and a wrong argument reads or writes beyond a tensor. Found by calling all operators with random arguments.
 */
const INNER = /^(?!aten::)|^aten::(_(?!foreach_)|cudnn_|fused_|miopen_|mkldnn_|native_|quantized_)|_(backward|forward|helper)/;

/** The same of operators without such a name. */
const UNCHECKED =
  /^aten::(align_to|align_tensors|batch_norm_update_stats|choose_qparams_optimized|fractional_max_pool[23]d|gradient|histogramdd|lstm|rrelu_with_noise_?|set_?)$/;

interface Operator extends OperatorInfo {
  readonly inner: boolean;
}

const operators = new Map<string, Operator>();

function operator(name: string): Operator {
  let found = operators.get(name);
  if (!found) {
    const [, base, overload] = /^([^.]*)\.?(.*)$/.exec(name) as RegExpExecArray;
    const full = base.includes("::") ? base : `aten::${base}`;
    found = { ...native().lookup(full, overload), inner: INNER.test(full) || UNCHECKED.test(full) };
    operators.set(name, found);
  }
  return found;
}

/**
 * Calls an operator: `call("add.Tensor", [x, y], { alpha: 2 })`. Names are libtorch's, "aten::" may be left out;
 * trailing arguments with defaults may be left out; arguments after the schema's `*` go into `keywords`.
 * An operator with one result returns it, with several an array of them.
 * Throws an Error naming the operator, the argument and the shapes when something does not fit.
 */
export function call<N extends keyof Operators>(
  name: N,
  args: Operators[N]["args"],
  keywords?: Operators[N]["keywords"],
): Operators[N]["result"] {
  return callAny(name, args, keywords) as Operators[N]["result"];
}

/** `call` without types, for operators outside the generated table, such as those of other versions of libtorch. */
export function callAny(name: string, args: readonly unknown[], keywords?: object): unknown {
  const found = operator(name);
  if (found.inner)
    throw new Error(
      `${name}: an inner operator of libtorch, which takes its arguments unchecked; callUnchecked calls it, at your own risk`,
    );
  return run(found, args, keywords);
}

/** `callAny` for the operators that libtorch means for itself: a wrong argument may end the process. */
export function callUnchecked(name: string, args: readonly unknown[], keywords?: object): unknown {
  return run(operator(name), args, keywords);
}

function run({ index, returns }: Operator, args: readonly unknown[], keywords?: object): unknown {
  const results = native().call(index, args, keywords);
  if (returns.length === 0) return undefined;
  if (returns.length === 1) return wrap(results[0], returns[0]);
  return results.map((result, i) => wrap(result, returns[i]));
}

/** The operator's schema as libtorch prints it: "aten::relu(Tensor self) -> Tensor". */
export function schemaOf(name: string): string {
  return operator(name).schema;
}

function wrap(result: unknown, type: string): unknown {
  if (result === null || !type.startsWith("Tensor")) return result;
  if (Array.isArray(result)) return result.map((handle: Handle | null) => (handle === null ? null : new Tensor(handle)));
  return new Tensor(result as Handle);
}
