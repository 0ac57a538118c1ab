// Stochastic gradient descent with momentum and weight decay, as in torch.optim.SGD
// (https://pytorch.org/docs/stable/generated/torch.optim.SGD.html): g ← grad + λw; v ← μv + g; w ← w − lr·v.
// Updates all parameters at once with the `_foreach_` operators; gradients are neither changed nor copied.

import { noGrad } from "../autograd.ts";
import { call } from "../call.ts";
import { keep, release, scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";

/** As in torch.optim.SGD. */
export interface SgdOptions {
  readonly lr: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
}

/**
 * The optimizer; `parameters` by name, as `Module.parameters` returns them. Its learning rate `lr` may change between steps.
 *
 * @example
 * const optimizer = new Sgd(model.parameters(), { lr: 0.01, momentum: 0.9, weightDecay: 1e-4 });
 * backward(loss);
 * optimizer.step();
 * optimizer.zeroGrad();
 */
export class Sgd {
  lr: number;
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #velocity = new Map<string, Tensor>();
  readonly #momentum: number;
  readonly #weightDecay: number;

  constructor(parameters: ReadonlyMap<string, Tensor>, options: SgdOptions) {
    this.#parameters = parameters;
    this.lr = options.lr;
    this.#momentum = options.momentum ?? 0;
    this.#weightDecay = options.weightDecay ?? 0;
  }

  /** Updates every parameter that has a gradient. */
  step(): void {
    noGrad(() =>
      scope(() => {
        const names: string[] = [];
        const weights: Tensor[] = [];
        const gradients: Tensor[] = [];
        for (const [name, weight] of this.#parameters) {
          const gradient = weight.grad;
          if (!gradient) continue;
          names.push(name);
          weights.push(weight);
          gradients.push(gradient);
        }
        if (weights.length === 0) return;
        if (this.#momentum !== 0) {
          const velocities = this.#accumulate(names, gradients);
          if (this.#weightDecay !== 0) call("_foreach_add_.List", [velocities, weights], { alpha: this.#weightDecay });
          call("_foreach_add_.List", [weights, velocities], { alpha: -this.lr });
        } else {
          if (this.#weightDecay !== 0) call("_foreach_mul_.Scalar", [weights, 1 - this.lr * this.#weightDecay]);
          call("_foreach_add_.List", [weights, gradients], { alpha: -this.lr });
        }
      }),
    );
  }

  /** v ← μv + grad, in place; the first v is grad. */
  #accumulate(names: readonly string[], gradients: readonly Tensor[]): Tensor[] {
    const known: [velocity: Tensor, gradient: Tensor][] = [];
    names.forEach((name, i) => {
      const velocity = this.#velocity.get(name);
      if (velocity) known.push([velocity, gradients[i]]);
      else this.#velocity.set(name, keep(gradients[i].clone()));
    });
    if (known.length > 0) {
      const velocities = known.map(([velocity]) => velocity);
      call("_foreach_mul_.Scalar", [velocities, this.#momentum]);
      call("_foreach_add_.List", [velocities, known.map(([, gradient]) => gradient)]);
    }
    return names.map((name) => this.#velocity.get(name) as Tensor);
  }

  /** Drops all gradients. */
  zeroGrad(): void {
    for (const weight of this.#parameters.values()) weight.grad = null;
  }

  /** The momentum buffers by parameter name, for checkpoints. */
  state(): ReadonlyMap<string, Tensor> {
    return this.#velocity;
  }

  /** Copies the momentum of a checkpoint. Throws an Error when it does not fit the parameters, without changing anything. */
  loadState(state: ReadonlyMap<string, Tensor>): void {
    const pairs = [...state].map(([name, velocity]): [name: string, weight: Tensor, velocity: Tensor] => {
      const weight = this.#parameters.get(name);
      if (!weight) throw new Error(`optimizer state does not fit: unknown parameter ${name}`);
      const [expected, got] = [weight.shape.join(", "), velocity.shape.join(", ")];
      if (got !== expected) throw new Error(`optimizer state does not fit: ${name}: expected [${expected}], got [${got}]`);
      return [name, weight, velocity];
    });
    this.release();
    noGrad(() => {
      for (const [name, weight, velocity] of pairs) this.#velocity.set(name, keep(call("empty_like", [weight]).copy_(velocity)));
    });
  }

  release(): void {
    for (const velocity of this.#velocity.values()) release(velocity);
    this.#velocity.clear();
  }
}
