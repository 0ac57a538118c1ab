// The second stage's layers: two fully connected ones on the pooled bins of an RoI, then class logits and a box code for every
// class (Girshick, ICCV 2015, https://arxiv.org/abs/1504.08083). R RoIs, C classes, 0 = background.

import { type Dtype, type Generator, init, Linear, linear, Module, relu_, type Tensor } from "@sparsecell/torch";
import { pyramidChannels } from "./fpn.ts";

/** An RoI is pooled to bins × bins. */
export const bins = 7;
/** Values of a pooled RoI: what the first layer takes. */
export const roiValues = pyramidChannels * bins * bins;

export class BoxHead extends Module {
  readonly fc6: Linear;
  readonly fc7: Linear;

  constructor(size: number, generator: Generator) {
    super();
    this.fc6 = new Linear({ inFeatures: roiValues, outFeatures: size, generator });
    this.fc7 = new Linear({ inFeatures: size, outFeatures: size, generator });
  }

  /** [R, 256 · 7 · 7] → [R, size] */
  forward(pooled: Tensor): Tensor {
    return relu_(this.fc7.forward(relu_(this.fc6.forward(pooled))));
  }

  /**
   * `forward` for RoIs as they are pooled, [R, 7 · 7 · 256]: the weights are put in their order once, in place of every RoI in the
   * weights' order.
   */
  channelsLast(dtype: Dtype): (pooled: Tensor) => Tensor {
    const [size] = this.fc6.weight.shape;
    const weight = this.fc6.weight
      .to(dtype)
      .reshape(size, pyramidChannels, bins * bins)
      .transpose(1, 2)
      .reshape(size, roiValues);
    const bias = this.fc6.bias.to(dtype);
    return (pooled) => relu_(this.fc7.forward(relu_(linear(pooled, weight, bias))));
  }
}

export class BoxPredictor extends Module {
  readonly cls_score: Linear;
  readonly bbox_pred: Linear;
  readonly #classes: number;

  constructor(size: number, classes: number, generator: Generator) {
    super();
    this.cls_score = new Linear({ inFeatures: size, outFeatures: classes, init: init.normal(0.01), generator });
    this.bbox_pred = new Linear({ inFeatures: size, outFeatures: 4 * classes, init: init.normal(0.001), generator });
    this.#classes = classes;
  }

  /** [R, size] → logits [R, C], codes [R, C, 4], in float32 */
  forward(x: Tensor): [logits: Tensor, codes: Tensor] {
    const logits = this.cls_score.forward(x).to("float32");
    const codes = this.bbox_pred.forward(x).to("float32");
    return [logits, codes.reshape(-1, this.#classes, 4)];
  }
}
