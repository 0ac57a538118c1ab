// Boxes encoded relative to reference boxes, as the network regresses them (Girshick et al., CVPR 2014,
// https://arxiv.org/abs/1311.2524, appendix C): dx = wx (x − xa) / wa, dw = ww log(w / wa), for centres x and widths w.
// Boxes are rows x1 y1 x2 y2 of plain numbers.

export type CodeWeights = readonly [x: number, y: number, w: number, h: number];

export const rpnWeights: CodeWeights = [1, 1, 1, 1];
export const roiWeights: CodeWeights = [10, 10, 5, 5];

/** The log of the largest factor by which a box may grow: 1000 / 16, as in torchvision. */
export const maxLogScale = Math.log(1000 / 16);

/** Encodes `boxes` [K, 4] relative to `references` [K, 4] → codes [K, 4]. Sizes must be positive. */
export function encode(boxes: Float32Array, references: Float32Array, weights: CodeWeights): Float32Array {
  const codes = new Float32Array(boxes.length);
  for (let k = 0; k < boxes.length; k += 4) {
    const wa = references[k + 2] - references[k];
    const ha = references[k + 3] - references[k + 1];
    const w = boxes[k + 2] - boxes[k];
    const h = boxes[k + 3] - boxes[k + 1];
    codes[k] = (weights[0] * (boxes[k] + 0.5 * w - references[k] - 0.5 * wa)) / wa;
    codes[k + 1] = (weights[1] * (boxes[k + 1] + 0.5 * h - references[k + 1] - 0.5 * ha)) / ha;
    codes[k + 2] = weights[2] * Math.log(w / wa);
    codes[k + 3] = weights[3] * Math.log(h / ha);
  }
  return codes;
}

/** Applies `codes` [K, B, 4] to `references` [K, 4] → boxes [K, B, 4], with any number B of boxes per reference. */
export function decode(codes: Float32Array, references: Float32Array, weights: CodeWeights): Float32Array {
  const boxes = new Float32Array(codes.length);
  const perReference = references.length === 0 ? 1 : codes.length / references.length;
  for (let k = 0; k < codes.length; k += 4) {
    const r = 4 * Math.floor(k / (4 * perReference));
    const wa = references[r + 2] - references[r];
    const ha = references[r + 3] - references[r + 1];
    const x = references[r] + 0.5 * wa + (codes[k] / weights[0]) * wa;
    const y = references[r + 1] + 0.5 * ha + (codes[k + 1] / weights[1]) * ha;
    const halfW = 0.5 * wa * Math.exp(Math.min(codes[k + 2] / weights[2], maxLogScale));
    const halfH = 0.5 * ha * Math.exp(Math.min(codes[k + 3] / weights[3], maxLogScale));
    boxes[k] = x - halfW;
    boxes[k + 1] = y - halfH;
    boxes[k + 2] = x + halfW;
    boxes[k + 3] = y + halfH;
  }
  return boxes;
}

/** Clips boxes [K, 4] to an image, in place. */
export function clipBoxes(boxes: Float32Array, [height, width]: readonly [height: number, width: number]): void {
  for (let k = 0; k < boxes.length; k += 4) {
    boxes[k] = Math.min(Math.max(boxes[k], 0), width);
    boxes[k + 1] = Math.min(Math.max(boxes[k + 1], 0), height);
    boxes[k + 2] = Math.min(Math.max(boxes[k + 2], 0), width);
    boxes[k + 3] = Math.min(Math.max(boxes[k + 3], 0), height);
  }
}
