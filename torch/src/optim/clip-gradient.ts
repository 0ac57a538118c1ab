// Clips gradients by their norm over all parameters, as torch.nn.utils.clip_grad_norm_ does.
import { noGrad } from "../autograd.ts";
import { call } from "../call.ts";
import { stack } from "../functional.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Scales all gradients so that their common L2 norm is at most `maxNorm`. Returns the norm before scaling; 0 without gradients.
 *
 * @example
 * backward(loss);
 * clipGradientNorm(model.parameters().values(), 10);
 */
export function clipGradientNorm(parameters: Iterable<Tensor>, maxNorm: number): number {
  return noGrad(() =>
    scope(() => {
      const gradients = [...parameters].flatMap((weight) => weight.grad ?? []);
      if (gradients.length === 0) return 0;
      const norm = call("norm.Scalar", [stack(call("_foreach_norm.Scalar", [gradients, 2]) as Tensor[]), 2]).item();
      if (norm > maxNorm) call("_foreach_mul_.Scalar", [gradients, maxNorm / (norm + 1e-6)]);
      return norm;
    }),
  );
}
