// The masks of Label Studio's brush: RGBA pixels, row after row, in the bit stream of @thi.ng/rle-pack
// (https://github.com/thi-ng/umbrella/tree/develop/packages/rle-pack). Head: 32 bits number of words, 5 bits size of a word less 1,
// four times 4 bits size of a length less 1. Then blocks: 1 bit "repeated", 2 bits which of the four sizes the length has, the
// length less 1, and one word if repeated, otherwise as many words as the length says. A word is a channel of a pixel; a
// pixel is on when its fourth, alpha, is above 0.

import type { RunMask } from "./runs.ts";

/** The mask of these bytes; null when they are not of this form or do not fill an image of this size. */
export function decodeBrush(bytes: ArrayLike<unknown>, { width, height }: { width: number; height: number }): RunMask | null {
  const input = new BitReader(bytes);
  const words = input.read(32);
  const wordBits = input.read(5) + 1;
  const lengthBits = [0, 0, 0, 0].map(() => input.read(4) + 1);
  if (words !== width * height * 4 || words === 0) return null;

  const runs = new Runs();
  let at = 0;
  while (at < words) {
    const repeated = input.read(1) === 1;
    const end = at + input.read(lengthBits[input.read(2)]) + 1;
    if (end > words || input.beyond) return null;
    if (repeated) {
      const word = input.read(wordBits);
      runs.add(Math.floor(end / 4) - Math.floor(at / 4), word > 0); // alphas in [at, end): a pixel counts where its alpha is
    } else {
      for (let i = at; i < end; i++) {
        const word = input.read(wordBits);
        if (i % 4 === 3) runs.add(1, word > 0);
      }
    }
    at = end;
  }
  return input.beyond ? null : { counts: runs.counts, width, height, lines: "rows" };
}

/** Joins runs of equal pixels. */
class Runs {
  readonly counts: number[] = [0];
  #on = false;

  add(count: number, on: boolean): void {
    if (count === 0) return;
    if (on !== this.#on) this.counts.push(0);
    this.#on = on;
    this.counts[this.counts.length - 1] += count;
  }
}

class BitReader {
  readonly #bytes: ArrayLike<unknown>;
  #at = 0; // in bits
  /** Whether it was read beyond the last byte, or over something that is not a byte. */
  beyond = false;

  constructor(bytes: ArrayLike<unknown>) {
    this.#bytes = bytes;
  }

  /** The next `count` bits, at most 32, highest first, as a number. */
  read(count: number): number {
    let value = 0;
    for (let left = count; left > 0; ) {
      const byte = this.#bytes[this.#at >> 3];
      if (!Number.isInteger(byte) || (byte as number) < 0 || (byte as number) > 255) {
        this.beyond = true;
        return 0;
      }
      const free = 8 - (this.#at & 7);
      const take = Math.min(free, left);
      value = value * 2 ** take + (((byte as number) >> (free - take)) & (2 ** take - 1));
      this.#at += take;
      left -= take;
    }
    return value;
  }
}
