// A module owns tensors and modules as plain fields. A field's path is its name in the state dict, as in PyTorch:
// `layer1.0.conv1.weight` is the field `weight` of `conv1` of the first module in the array `layer1`. So fields that
// appear in published weights have PyTorch's spelling.

import { noGrad } from "../autograd.ts";
import type { Device, MemoryFormat } from "../dtype.ts";
import { keep, release } from "../scope.ts";
import { Tensor } from "../tensor.ts";

export abstract class Module {
  /** Every tensor below, parameters and buffers, by its path, in the order of the fields. */
  state(): Map<string, Tensor> {
    const found = new Map<string, Tensor>();
    collect(this, "", found);
    return found;
  }

  /** Those that require a gradient. */
  parameters(): Map<string, Tensor> {
    return new Map([...this.state()].filter(([, tensor]) => tensor.requiresGrad));
  }

  /**
   * Copies values from `source` into the state of the same name and shape, converting the dtype.
   * Throws an Error that lists what is missing, unexpected, or of another shape; nothing is changed then.
   * `only` leaves out the names for which it is false.
   */
  loadState(source: ReadonlyMap<string, Tensor>, options: { only?: (name: string) => boolean } = {}): void {
    const { only = () => true } = options;
    const own = new Map([...this.state()].filter(([name]) => only(name)));
    const missing = [...own.keys()].filter((name) => !source.has(name));
    const unexpected = [...source.keys()].filter((name) => !own.has(name) && only(name));
    const misshapen = [...own].flatMap(([name, tensor]) => {
      const other = source.get(name);
      return other && String(other.shape) !== String(tensor.shape)
        ? [`${name}: expected [${tensor.shape.join(", ")}], got [${other.shape.join(", ")}]`]
        : [];
    });
    const faults = [list("missing", missing), list("unexpected", unexpected), list("of another shape", misshapen)].filter(
      Boolean,
    );
    if (faults.length > 0) throw new Error(`weights do not fit: ${faults.join("; ")}`);
    noGrad(() => {
      for (const [name, tensor] of own) tensor.copy_(source.get(name) as Tensor);
    });
  }

  /** Switches gradients of all parameters below on or off; modules with buffers override it. */
  requireGrad(value: boolean): void {
    requireGradBelow(Object.values(this), value);
  }

  /** Moves all state to a device; before the optimizer is made. */
  toDevice(device: Device): void {
    changeFields(this, (tensor) => tensor.toDevice(device));
  }

  /** Lays out the weights of convolutions (which are made in channels_last) as `format`; before the optimizer is made. */
  toMemoryFormat(format: MemoryFormat): void {
    changeFields(this, (tensor) => (tensor.shape.length === 4 ? tensor.contiguous(format) : tensor));
  }

  /** Releases all state; the module cannot be used afterwards. */
  release(): void {
    for (const tensor of this.state().values()) release(tensor);
  }
}

function collect(value: unknown, path: string, found: Map<string, Tensor>): void {
  if (value instanceof Tensor) found.set(path, value);
  else if (value instanceof Module || Array.isArray(value))
    for (const [name, field] of Object.entries(value)) collect(field, path ? `${path}.${name}` : name, found);
}

function requireGradBelow(fields: readonly unknown[], value: boolean): void {
  for (const field of fields) {
    if (field instanceof Tensor) field.requiresGrad = value;
    else if (field instanceof Module) field.requireGrad(value);
    else if (Array.isArray(field)) requireGradBelow(field, value);
  }
}

/** Puts `change` of each tensor in its place. */
function changeFields(owner: object, change: (tensor: Tensor) => Tensor): void {
  for (const [name, field] of Object.entries(owner)) {
    if (field instanceof Tensor) {
      const changed = noGrad(() => change(field));
      if (changed === field) continue;
      if (changed.device === field.device && String(changed.strides) === String(field.strides)) {
        release(changed); // another handle of the same tensor
        continue;
      }
      (owner as Record<string, unknown>)[name] = parameter(changed, field.requiresGrad);
      release(field);
    } else if (field instanceof Module || Array.isArray(field)) changeFields(field, change);
  }
}

const list = (label: string, names: readonly string[]): string =>
  names.length === 0 ? "" : `${names.length} ${label} (${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""})`;

/** A tensor that outlives scopes and, unless told otherwise, is trained. */
export function parameter(value: Tensor, requiresGrad = true): Tensor {
  const kept = keep(value);
  kept.requiresGrad = requiresGrad;
  return kept;
}
