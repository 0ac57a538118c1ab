// A detector starts from the weights of others: from a whole model of ours, or from a ResNet that saw its images in another
// normalisation of their values.

import { noGrad, scope, Tensor } from "@sparsecell/torch";
import { UserError } from "../errors.ts";
import type { Detector } from "./detector.ts";
import { deviation, mean } from "./transform.ts";
import { currentName, modelSettings, read, requireBackbone } from "./weights.ts";

/**
 * Takes from `file`, a model of ours, every tensor of the same name and shape. The class layers stay as they are unless the
 * classes are the same in the same order, or one each. Returns the names of the layers that stay. Throws a UserError when the
 * file is not a model of ours or the backbones differ.
 */
export function loadWholeDetector(file: string, detector: Detector): string[] {
  const settings = modelSettings(file);
  if (settings === null) throw new UserError(`${file}: not a model file of sparsecell`);
  requireBackbone(file, settings.backbone, detector.config.backbone);
  const { classes } = detector.config;
  const sameClasses =
    classes.length === settings.classes.length && (classes.length === 1 || String(classes) === String(settings.classes));
  const fits = (name: string): boolean => sameClasses || !name.startsWith("roi_heads.box_predictor.");

  const tensors = new Map([...read(file).tensors].map(([name, tensor]) => [currentName(name), tensor]));
  const staying = new Set<string>();
  noGrad(() => {
    for (const [name, target] of detector.state()) {
      const found = fits(name) ? tensors.get(name) : undefined;
      if (found && String(found.shape) === String(target.shape))
        scope(() => target.copy_(Tensor.fromBytes(found.data, found.shape, found.dtype)));
      else staying.add(name.replace(/\.[^.]+$/, ""));
    }
  });
  return [...staying];
}

/** What was subtracted from red, green and blue (0 to 1), and what the rest was divided by. */
export interface ColourStatistics {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/**
 * Rewrites the first convolution and the mean of its batch normalisation, so that a ResNet which was trained on images in
 * other statistics gives the same for an input in ours; only at an image's border, whose padding is our mean colour, a little
 * differs. With x = s₁x₁ + m₁ and weights W for (x − m₂) / s₂: W' = W s₁/s₂, and each output lacks Σ W (m₁ − m₂) / s₂.
 */
export function fitColours(detector: Detector, other: ColourStatistics): void {
  const { weight, running_mean } = stem(detector);
  const values = Float32Array.from(weight.data() as Float32Array);
  const means = Float64Array.from(running_mean.data() as Float32Array);
  const [, colours, height, width] = weight.shape;
  const area = height * width;
  values.forEach((value, i) => {
    const colour = Math.floor(i / area) % colours;
    values[i] = (value * deviation[colour]) / other.deviation[colour];
    means[Math.floor(i / (area * colours))] -= (value * (mean[colour] - other.mean[colour])) / other.deviation[colour];
  });
  noGrad(() =>
    scope(() => {
      weight.copy_(Tensor.from(values, weight.shape));
      running_mean.copy_(Tensor.from(means, running_mean.shape));
    }),
  );
}

function stem(detector: Detector): { weight: Tensor; running_mean: Tensor } {
  const state = detector.backbone.body.state();
  const [weight, running_mean] = [state.get("conv1.weight"), state.get("bn1.running_mean")];
  if (!weight || !running_mean) throw new RangeError("fitColours: expected batch normalisation after the first convolution");
  return { weight, running_mean };
}
