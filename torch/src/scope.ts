// When tensors are released. Garbage collection is not enough: V8 does not see native memory, and finalizers do not run inside a
// synchronous loop. So every tensor belongs to the scope in which it was created and is released at the end of that scope.

import { native } from "./native.ts";
import type { Tensor } from "./tensor.ts";

interface Scope {
  readonly tensors: Set<Tensor>;
  readonly outer: Scope | null;
}

let current: Scope | null = null;

/** The safety net below the scopes, for unreachable tensors that no scope owns. */
const net = new FinalizationRegistry<number>((handle) => native().release(handle));

/** Called once for every new tensor. */
export function adopt(tensor: Tensor): void {
  moveTo(current, tensor);
}

function moveTo(owner: Scope | null, tensor: Tensor): void {
  if (owner) owner.tensors.add(tensor);
  else net.register(tensor, tensor.handle, tensor);
}

/** Removes a tensor from the scope that owns it; false when none does. */
function disown(tensor: Tensor): boolean {
  for (let owner = current; owner; owner = owner.outer) if (owner.tensors.delete(tensor)) return true;
  return false;
}

/**
 * Runs `body` and releases every tensor created in it, even when it throws. Tensors in the return value (also inside arrays,
 * objects, Maps and Sets) move to the outer scope; tensors passed to `keep` leave all scopes.
 * Throws a TypeError when `body` returns a Promise, because its tensors would be released before it settles.
 *
 * @example
 * const loss = scope(() => model.forward(x).sub(y).pow(2).mean().item());
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
 * Removes a tensor from its scope, so that it lives until `release`: for parameters, buffers and optimizer state. Returns the
 * tensor.
 *
 * @example
 * const mean = scope(() => keep(images.mean()));
 */
export function keep<T extends Tensor>(tensor: T): T {
  if (disown(tensor)) moveTo(null, tensor);
  return tensor;
}

/**
 * Releases a tensor now instead of at the end of its scope. Using it afterwards throws an Error; releasing it twice does not.
 *
 * @example
 * release(mean);
 */
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

/**
 * The number of live tensors of this thread, and the bytes of their distinct storages.
 *
 * @example
 * console.log(memory().tensors);
 */
export function memory(): { tensors: number; bytes: number } {
  return native().memory();
}
