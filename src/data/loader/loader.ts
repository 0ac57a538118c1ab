import type { Window } from "../../geometry/windows.ts";
import type { DatasetImage } from "../dataset.ts";
import { readDatasetImage } from "../dataset-image.ts";
import type { RgbImage } from "../image-file.ts";
import { resampled } from "../resampled.ts";
export interface WindowRequest {
  readonly dir: string;
  readonly image: DatasetImage;
  readonly crop: Window;
  readonly size: { readonly width: number; readonly height: number };
  readonly symmetry: { readonly mirrorX: boolean; readonly mirrorY: boolean; readonly transpose: boolean };
  readonly changes: readonly { readonly name: string; readonly change: unknown }[];
}
export class Loader {
  readonly #cache = new Map<number, Promise<RgbImage>>();
  load(requests: readonly WindowRequest[]): Promise<RgbImage[]> {
    return Promise.all(requests.map((r) => this.#one(r)));
  }
  async #one({ dir, image, crop, size, symmetry }: WindowRequest): Promise<RgbImage> {
    let p = this.#cache.get(image.id);
    if (!p) this.#cache.set(image.id, (p = readDatasetImage(dir, image)));
    const whole = await p;
    const cut = new Uint8Array(3 * crop.width * crop.height);
    for (let y = 0; y < crop.height; y++) {
      const f = 3 * ((crop.y + y) * whole.width + crop.x);
      cut.set(whole.data.subarray(f, f + 3 * crop.width), 3 * y * crop.width);
    }
    const r = await resampled({ width: crop.width, height: crop.height, data: cut }, size);
    const { mirrorX, mirrorY, transpose } = symmetry;
    const { width: w, height: h } = r;
    const [W, H] = transpose ? [h, w] : [w, h];
    const out = new Uint8Array(r.data.length);
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) {
        const mx = mirrorX ? w - 1 - x : x,
          my = mirrorY ? h - 1 - y : y;
        const [tx, ty] = transpose ? [my, mx] : [mx, my];
        const s = 3 * (y * w + x),
          t = 3 * (ty * W + tx);
        out[t] = r.data[s];
        out[t + 1] = r.data[s + 1];
        out[t + 2] = r.data[s + 2];
      }
    return { width: W, height: H, data: out };
  }
  close(): void {}
}
