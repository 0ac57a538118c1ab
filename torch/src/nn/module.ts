// A module has tensors and modules as plain fields. The path of a field is its name in the state dict, as in PyTorch:
// `layer1.0.conv1.weight` is the field `weight` of `conv1` of the first module in the array `layer1`. Fields that occur in
// published weights therefore have PyTorch's spelling.

import { noGrad } from "../autograd.ts";
import type { Device, MemoryFormat } from "../dtype.ts";
import { keep, release, scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";

/**
 * The base class of layers and networks.
 *
 * @example
 * class Net extends Module {
 *   readonly conv = new Conv2d({ inChannels: 3, outChannels: 8, kernel: 3, generator: new Generator(1) });
 *   forward = (x: Tensor): Tensor => relu(this.conv.forward(x));
 * }
 * new Net().state().keys(); // conv.weight, conv.bias
 */
export abstract class Module {
  /** All tensors, parameters and buffers, by path and in the order of fields. */
  state(): Map<string, Tensor> {
    const tensors = new Map<string, Tensor>();
    collect(this, "", tensors);
    return tensors;
  }

  /** The tensors that require a gradient, by path. */
  parameters(): Map<string, Tensor> {
    return new Map([...this.state()].filter(([, tensor]) => tensor.requiresGrad));
  }

  /**
   * Copies values from `source` into the state of the same names and shapes, converting dtypes. Throws an Error that lists missing
   * and unexpected names and different shapes, without changing anything. `only`: skip names for which it returns false.
   */
  loadState(source: ReadonlyMap<string, Tensor>, options: { only?: (name: string) => boolean } = {}): void {
    const { only = () => true } = options;
    const state = new Map([...this.state()].filter(([name]) => only(name)));
    const missing = [...state.keys()].filter((name) => !source.has(name));
    const unexpected = [...source.keys()].filter((name) => !state.has(name) && only(name));
    const misshapen = [...state].flatMap(([name, tensor]) => {
      const other = source.get(name);
      return other && String(other.shape) !== String(tensor.shape)
        ? [`${name}: expected [${tensor.shape.join(", ")}], got [${other.shape.join(", ")}]`]
        : [];
    });
    const faults = [list("missing", missing), list("unexpected", unexpected), list("of another shape", misshapen)].filter(
      Boolean,
    );
    if (faults.length > 0) throw new Error(`weights do not fit: ${faults.join("; ")}`);
    noGrad(() =>
      scope(() => {
        for (const [name, tensor] of state) tensor.copy_(source.get(name) as Tensor);
      }),
    );
  }

  /** Switches gradients of all parameters on or off; modules with buffers override it. */
  requireGrad(value: boolean): void {
    requireGradBelow(Object.values(this), value);
  }

  /** Moves all state to a device. Call it before creating the optimizer. */
  toDevice(device: Device): void {
    changeFields(this, (tensor) => tensor.toDevice(device));
  }

  /** Changes the layout of convolution weights, channels_last by default, to `format`. Call it before creating the optimizer. */
  toMemoryFormat(format: MemoryFormat): void {
    changeFields(this, (tensor) => (tensor.shape.length === 4 ? tensor.contiguous(format) : tensor));
  }

  /** Releases all state. The module cannot be used afterwards. */
  release(): void {
    for (const tensor of this.state().values()) release(tensor);
  }
}

function collect(value: unknown, path: string, tensors: Map<string, Tensor>): void {
  if (value instanceof Tensor) tensors.set(path, value);
  else if (value instanceof Module || Array.isArray(value))
    for (const [name, field] of Object.entries(value)) collect(field, path ? `${path}.${name}` : name, tensors);
}

function requireGradBelow(fields: readonly unknown[], value: boolean): void {
  for (const field of fields) {
    if (field instanceof Tensor) field.requiresGrad = value;
    else if (field instanceof Module) field.requireGrad(value);
    else if (Array.isArray(field)) requireGradBelow(field, value);
  }
}

/** Replaces each tensor by its `change`. */
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

/**
 * Makes `value` a parameter: it outlives scopes and, unless `requiresGrad` is false, requires a gradient. Returns it.
 *
 * @example
 * const weight = parameter(zeros([8]));
 */
export function parameter(value: Tensor, requiresGrad = true): Tensor {
  const kept = keep(value);
  kept.requiresGrad = requiresGrad;
  return kept;
}
