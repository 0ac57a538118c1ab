// When tensors die. Garbage collection cannot be the plan: V8 does not see native memory, and finalizers do not run
// inside a synchronous loop. So every tensor belongs to the scope in which it was born and is released at its end.

import { native } from "./native.ts";
import type { Tensor } from "./tensor.ts";

interface Scope {
  readonly tensors: Set<Tensor>;
  readonly outer: Scope | null;
}

let current: Scope | null = null;

/** The net below the scopes: a tensor that no scope owns and that nobody can reach any more. */
const net = new FinalizationRegistry<number>((handle) => native().release(handle));

/** Called once for every tensor that is born. */
export function adopt(tensor: Tensor): void {
  moveTo(current, tensor);
}

function moveTo(owner: Scope | null, tensor: Tensor): void {
  if (owner) owner.tensors.add(tensor);
  else net.register(tensor, tensor.handle, tensor);
}

/** Takes a tensor out of the scope that owns it; false when none does. */
function disown(tensor: Tensor): boolean {
  for (let owner = current; owner; owner = owner.outer) if (owner.tensors.delete(tensor)) return true;
  return false;
}

/**
 * Runs `body` and releases every tensor that was born inside, also when it throws. Tensors in the return value (also
 * inside arrays, objects, Maps and Sets) move to the scope outside, and so do those given to `keep`.
 * Synchronous: a Promise returned from `body` is an error, because its tensors would be gone before it settles.
 */
export function scope<T>(body: () => T): T {
  const outer = current;
  const inner: Scope = { tensors: new Set(), outer };
  current = inner;
  try {
    const result = body();
    if (result instanceof Promise) throw new TypeError("scope: expected a synchronous function, got one that returns a Promise");
    visitTensors(result, (tensor) => {
      if (inner.tensors.delete(tensor)) moveTo(outer, tensor);
    });
    return result;
  } finally {
    current = outer;
    for (const tensor of inner.tensors) native().release(tensor.handle);
  }
}

/**
 * Takes a tensor out of its scope, to live until `release`: for parameters, buffers and optimizer state.
 * Returns the tensor.
 */
export function keep<T extends Tensor>(tensor: T): T {
  if (disown(tensor)) moveTo(null, tensor);
  return tensor;
}

/** Releases a tensor now instead of at the end of its scope. Using it afterwards is an error; releasing twice is none. */
export function release(tensor: Tensor): void {
  if (!disown(tensor)) net.unregister(tensor);
  native().release(tensor.handle);
}

/** Calls `visit` for every tensor that can be reached from `value` through arrays, objects, Maps and Sets. */
export function visitTensors(value: unknown, visit: (tensor: Tensor) => void, seen = new Set<unknown>()): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
  seen.add(value);
  if (isTensor(value)) visit(value);
  else if (Array.isArray(value) || value instanceof Set || value instanceof Map)
    for (const item of value) visitTensors(item, visit, seen);
  else for (const item of Object.values(value)) visitTensors(item, visit, seen);
}

const isTensor = (value: object): value is Tensor => "handle" in value && "shape" in value;

/** Live tensors of this thread, and the bytes of the distinct storages behind them. */
export function memory(): { tensors: number; bytes: number } {
  return native().memory();
}
