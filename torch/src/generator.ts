// Seeded random numbers for tensors. Every random operator of the project takes one: the same seed, machine, device and
// thread count give the same bits.

import type { Device } from "./dtype.ts";
import { native } from "./native.ts";
import { Tensor } from "./tensor.ts";

const net = new FinalizationRegistry<number>((handle) => native().releaseGenerator(handle));

export class Generator {
  readonly handle: number;

  /** `seed`: an integer of at least 0, of which the CPU's generator uses the lowest 32 bits. */
  constructor(seed: number, device: Device = "cpu") {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`generator: expected a seed of at least 0, got ${seed}`);
    this.handle = native().createGenerator(device, seed);
    net.register(this, this.handle);
  }

  /** The whole state, a uint8 tensor [n], for checkpoints. */
  get state(): Tensor {
    return new Tensor(native().generatorState(this));
  }
  set state(state: Tensor) {
    native().setGeneratorState(this, state);
  }
}
