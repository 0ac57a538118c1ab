// Any operator that libtorch has registered, by name, through its boxed dispatcher. Arguments are converted and checked
// by the operator's own schema; `generated/operators.ts` gives the same schemas to the type checker.

import type { Operators } from "./generated/operators.ts";
import { type Handle, native, type OperatorInfo } from "./native.ts";
import { Tensor } from "./tensor.ts";

const operators = new Map<string, OperatorInfo>();

function operator(name: string): OperatorInfo {
  let found = operators.get(name);
  if (!found) {
    const [, base, overload] = /^([^.]*)\.?(.*)$/.exec(name) as RegExpExecArray;
    found = native().lookup(base.includes("::") ? base : `aten::${base}`, overload);
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
export function call<N extends keyof Operators>(name: N, args: Operators[N]["args"], keywords?: Operators[N]["keywords"]): Operators[N]["result"] {
  return callAny(name, args, keywords) as Operators[N]["result"];
}

/** `call` without types, for operators outside the generated table (other namespaces, other versions of libtorch). */
export function callAny(name: string, args: readonly unknown[], keywords?: object): unknown {
  const { index, returns } = operator(name);
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
