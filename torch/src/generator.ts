// Seeded random numbers for tensors. Every random operator takes a generator: the same seed, machine, device and thread count
// give the same bits.

import type { Device } from "./dtype.ts";
import { native } from "./native.ts";
import { Tensor } from "./tensor.ts";

const net = new FinalizationRegistry<number>((handle) => native().releaseGenerator(handle));

/**
 * A source of random numbers for tensors.
 *
 * @example
 * const generator = new Generator(1);
 * const x = randn([2, 3], generator);
 */
export class Generator {
  readonly handle: number;

  /** `seed`: an integer of at least 0, of which the CPU generator uses the lowest 32 bits. Throws a RangeError otherwise. */
  constructor(seed: number, device: Device = "cpu") {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`generator: expected a seed of at least 0, got ${seed}`);
    this.handle = native().createGenerator(device, seed);
    net.register(this, this.handle);
  }

  /** The complete state, a uint8 tensor [n], for checkpoints. */
  get state(): Tensor {
    return new Tensor(native().generatorState(this));
  }
  set state(state: Tensor) {
    native().setGeneratorState(this, state);
  }
}
