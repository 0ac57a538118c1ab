// The first stage's layers: one convolution, then for every anchor of a position a logit ("is a cell") and a box code.

import { Conv2d, type Generator, init, Module, relu_, type Tensor } from "@sparsecell/torch";
import { pyramidChannels } from "./fpn.ts";

export class RpnHead extends Module {
  readonly conv: [[Conv2d]]; // `conv.0.0.weight` in the state dict
  readonly cls_logits: Conv2d;
  readonly bbox_pred: Conv2d;

  constructor(anchorsPerCell: number, generator: Generator) {
    super();
    const options = { inChannels: pyramidChannels, init: init.normal(0.01), generator };
    this.conv = [[new Conv2d({ ...options, outChannels: pyramidChannels, kernel: 3, padding: 1 })]];
    this.cls_logits = new Conv2d({ ...options, outChannels: anchorsPerCell, kernel: 1 });
    this.bbox_pred = new Conv2d({ ...options, outChannels: 4 * anchorsPerCell, kernel: 1 });
  }

  /** level [N, 256, H, W] → logits [N, A_l], codes [N, A_l, 4], in float32 */
  forward(level: Tensor): [logits: Tensor, codes: Tensor] {
    const x = relu_(this.conv[0][0].forward(level));
    const n = level.shape[0];
    const flat = (maps: Tensor, last: number[]): Tensor =>
      maps
        .to("float32")
        .permute(0, 2, 3, 1)
        .reshape(n, -1, ...last);
    return [flat(this.cls_logits.forward(x), []), flat(this.bbox_pred.forward(x), [4])];
  }
}
