// Decoded images, kept up to a number of bytes, so that a small dataset is decoded once.

import type { RgbImage } from "../image-file.ts";

export class ImageCache {
  readonly #images = new Map<string, RgbImage>(); // the least recently used first
  readonly #limit: number;
  #bytes = 0;

  constructor(bytes: number) {
    this.#limit = bytes;
  }

  /** The image of `key`, from `read` unless it is kept. One that is larger than the cache is not kept. */
  async get(key: string, read: () => Promise<RgbImage>): Promise<RgbImage> {
    const image = this.#images.get(key) ?? (await read());
    if (this.#images.delete(key)) this.#bytes -= image.data.byteLength;
    if (image.data.byteLength > this.#limit) return image;
    this.#images.set(key, image);
    this.#bytes += image.data.byteLength;
    for (const [oldest, { data }] of this.#images) {
      if (this.#bytes <= this.#limit) break;
      this.#images.delete(oldest);
      this.#bytes -= data.byteLength;
    }
    return image;
  }
}
