// The machine's speed as this library reaches it: the arithmetic of a large 3×3 convolution and the bytes per second of a copy.
// The floors of operators are computed from these.

import { conv2d, Generator, noGrad, randn, scope } from "@sparsecell/torch";
import { type Timing, timed } from "./timing.ts";

export interface MachineRate {
  /** Multiplications and additions per second. */
  readonly flops: number;
  /** Bytes read and written per second. */
  readonly bytes: number;
}

const side = 200;
const channels = 256;

export async function machineRate({ dtype, device }: { dtype: "float32" | "bfloat16"; device: string }): Promise<MachineRate> {
  const generator = new Generator(0);
  const random = (shape: number[]) => randn(shape, generator).to(dtype).toDevice(device);
  const once = async (make: () => () => void): Promise<Timing> => {
    const run = make();
    return timed(5, () => noGrad(() => scope(run)));
  };
  const convolution = await once(() => {
    const x = random([1, channels, side, side]).contiguous("channels_last");
    const weight = random([channels, channels, 3, 3]).contiguous("channels_last");
    return () => {
      conv2d(x, weight, { padding: 1 });
    };
  });
  const elements = 32 * 1024 * 1024;
  const copy = await once(() => {
    const [from, to] = [random([elements]).to("float32"), random([elements]).to("float32")];
    return () => {
      to.copy_(from);
    };
  });
  return {
    flops: (2 * channels * channels * 9 * side * side) / Math.min(...convolution.all),
    bytes: (2 * 4 * elements) / Math.min(...copy.all),
  };
}
