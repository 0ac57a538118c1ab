// Stochastic gradient descent with momentum and weight decay, as torch.optim.SGD computes it
// (https://pytorch.org/docs/stable/generated/torch.optim.SGD.html): g ← grad + λw; v ← μv + g; w ← w − lr·v.
// All parameters at once, on the `_foreach_` operators.

import { noGrad } from "../autograd.ts";
import { call } from "../call.ts";
import { keep, release, scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";

export interface SgdOptions {
  readonly lr: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
}

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

  /** Changes every parameter that has a gradient. */
  step(): void {
    noGrad(() =>
      scope(() => {
        const names: string[] = [];
        const weights: Tensor[] = [];
        let gradients: Tensor[] = [];
        for (const [name, weight] of this.#parameters) {
          const gradient = weight.grad;
          if (!gradient) continue;
          names.push(name);
          weights.push(weight);
          gradients.push(gradient);
        }
        if (weights.length === 0) return;
        if (this.#weightDecay !== 0) call("_foreach_add_.List", [gradients, weights], { alpha: this.#weightDecay });
        if (this.#momentum !== 0) gradients = this.#accumulate(names, gradients);
        call("_foreach_add_.List", [weights, gradients], { alpha: -this.lr });
      }),
    );
  }

  /** v ← μv + g, in place; the first v is g. */
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

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const weight of this.#parameters.values()) weight.grad = null;
  }

  /** The momentum of every parameter that has one, for checkpoints. */
  state(): ReadonlyMap<string, Tensor> {
    return this.#velocity;
  }

  /** Takes over the momentum of a checkpoint; copies. */
  loadState(state: ReadonlyMap<string, Tensor>): void {
    this.release();
    noGrad(() => {
      for (const [name, velocity] of state) {
        const weight = this.#parameters.get(name);
        if (!weight) throw new Error(`optimizer state does not fit: ${name} is no parameter`);
        this.#velocity.set(name, keep(call("empty_like", [weight]).copy_(velocity)));
      }
    });
  }

  release(): void {
    for (const velocity of this.#velocity.values()) release(velocity);
    this.#velocity.clear();
  }
}
