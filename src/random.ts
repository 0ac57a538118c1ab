// The project's seeded generator for plain numbers: xoshiro128** (Blackman & Vigna, https://prng.di.unimi.it/),
// seeded by splitmix32. Same seed, same numbers, on every machine. Tensors have libtorch's generators instead.

const uses = ["augmentation", "second view", "first stage", "second stage", "window"] as const;
/** What the random numbers of one image of a step are for: each use has a separate sequence. */
export type RandomUse = (typeof uses)[number];

/** Random numbers for image `image` (0, 1, …) of a batch. Asked again, the same sequence from its start. */
export type RandomFor = (image: number, use: RandomUse) => Random;

/**
 * Random numbers of a step (counted from 1) of a training: functions of the seed, the step, the image and the use, so that it
 * does not matter which process computes an image, nor what else was drawn.
 *
 * @example
 * const random = stepRandom(0, 17);
 * random(2, "first stage").uniform(); // for the third image of step 17
 */
export const stepRandom =
  (seed: number, step: number): RandomFor =>
  (image, use) =>
    new Random(seed, 2 * step + 1, image, uses.indexOf(use));

/** The random numbers that order the images of an epoch (counted from 0): even streams; a training's steps have the odd ones. */
export const epochRandom = (seed: number, epoch: number): Random => new Random(seed, 2 * epoch);

/**
 * Seeded random numbers.
 *
 * @example
 * const random = new Random(1);
 * random.integer(6); // 0 to 5
 * random.shuffled(["a", "b", "c"]);
 */
export class Random {
  #state: Uint32Array;

  /** `seed`: any integer; `streams`: integers, each list of them an independent sequence of the seed. */
  constructor(seed: number, stream = 0, ...streams: readonly number[]) {
    let s = (Math.trunc(seed) ^ Math.imul(stream, 0x9e3779b1)) >>> 0;
    for (const further of streams) s = (scramble(s) ^ Math.imul(further + 1, 0x9e3779b1)) >>> 0;
    const high = Math.floor(seed / 2 ** 32) >>> 0;
    const mix = () => {
      s = (s + 0x9e3779b9) >>> 0;
      return scramble(s ^ high);
    };
    this.#state = Uint32Array.of(mix(), mix(), mix(), mix() | 1);
  }

  /** A 32-bit unsigned integer. */
  uint32(): number {
    const s = this.#state;
    const product = Math.imul(s[1], 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 11) | (s[3] >>> 21);
    return result;
  }

  /** Uniform in [low, high); 53 bits. */
  uniform(low = 0, high = 1): number {
    const unit = ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
    return low + unit * (high - low);
  }

  /** An integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Gaussian (Box–Muller). */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A shuffled copy (Fisher–Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [result[i], result[j]] = [result[j], result[i]];
    }
    return result;
  }

  /** The whole state, for checkpoints. */
  get state(): number[] {
    return [...this.#state];
  }
  set state(words: number[]) {
    this.#state = Uint32Array.from(words);
  }
}

/** 32 bits to 32 bits, one to one, every bit depending on all (the finalizer of MurmurHash3). */
function scramble(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
