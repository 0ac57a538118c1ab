// Draws very many boxes by setting pixels: a path of a million rectangles takes a canvas seconds, their pixels take it milliseconds.
// A box of less than 3 pixels is a dot, and so are boxes so many that their outlines would cover everything.

import type { Boxes } from "./boxes.ts";
import type { View } from "./view.ts";

/** "#rrggbb" as a canvas has it in memory: alpha, blue, green, red from the highest byte down. */
export function packed(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16);
  return ((0xff << 24) | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** More boxes than this in view are dots. */
const crowd = 50_000;

export class Pixels {
  width = 0;
  height = 0;
  private data = new Uint32Array(0);
  private image: ImageData | null = null;

  /** Empty, of a size. */
  clear(width: number, height: number): void {
    if (width === this.width && height === this.height) this.data.fill(0);
    else {
      [this.width, this.height] = [width, height];
      this.data = new Uint32Array(width * height);
      this.image = null;
    }
  }

  at(x: number, y: number): number {
    return this.data[y * this.width + x];
  }

  /** In place of all that the canvas shows. */
  show(context: CanvasRenderingContext2D): void {
    this.image ??= new ImageData(new Uint8ClampedArray(this.data.buffer as ArrayBuffer), this.width, this.height);
    context.putImageData(this.image, 0, 0);
  }

  /** Dots, or the corners of their outlines, of the boxes with these indexes. */
  draw(boxes: Boxes, indexes: Uint32Array, view: View, colours: Uint32Array): void {
    const { places, classes, side } = boxes;
    const { scale, x, y, ratio } = view;
    const shown = (side * scale) / ratio;
    if (shown < 3 || indexes.length > crowd) {
      const dot = Math.round((shown < 1 ? 1 : shown < 4 ? 2 : 3) * ratio);
      for (const i of indexes) {
        const at = 4 * i;
        const left = (((places[at] + places[at + 2]) / 2 - x) * scale - dot / 2) | 0;
        const top = (((places[at + 1] + places[at + 3]) / 2 - y) * scale - dot / 2) | 0;
        this.fill(left, top, left + dot, top + dot, colours[classes[i]]);
      }
      return;
    }
    const thick = Math.max(1, Math.round((shown < 16 ? 1 : 2) * ratio));
    for (const i of indexes) {
      const at = 4 * i;
      const colour = colours[classes[i]];
      const left = ((places[at] - x) * scale) | 0;
      const top = ((places[at + 1] - y) * scale) | 0;
      const right = ((places[at + 2] - x) * scale) | 0;
      const bottom = ((places[at + 3] - y) * scale) | 0;
      const arm = Math.max(2, ((right - left) * 0.28) | 0);
      const leg = Math.max(2, ((bottom - top) * 0.28) | 0);
      this.fill(left, top, left + arm, top + thick, colour);
      this.fill(right - arm, top, right, top + thick, colour);
      this.fill(left, bottom - thick, left + arm, bottom, colour);
      this.fill(right - arm, bottom - thick, right, bottom, colour);
      this.fill(left, top, left + thick, top + leg, colour);
      this.fill(right - thick, top, right, top + leg, colour);
      this.fill(left, bottom - leg, left + thick, bottom, colour);
      this.fill(right - thick, bottom - leg, right, bottom, colour);
    }
  }

  private fill(left: number, top: number, right: number, bottom: number, colour: number): void {
    const { data, width, height } = this;
    if (left < 0) left = 0;
    if (top < 0) top = 0;
    if (right > width) right = width;
    if (bottom > height) bottom = height;
    for (let row = top; row < bottom; row++)
      for (let at = row * width + left, end = row * width + right; at < end; at++) data[at] = colour;
  }
}
