// Random calls of everything but operators: tensors from and to JavaScript, gradients, scopes, generators, threads, modules,
// optimizers, and the addon's functions with arbitrary arguments.

import { backward, grad, noGrad } from "./autograd.ts";
import type { Dtype } from "./dtype.ts";
import { Generator } from "./generator.ts";
import { native } from "./native.ts";
import { Conv2d } from "./nn/conv2d.ts";
import { Linear } from "./nn/linear.ts";
import { clipGradientNorm } from "./optim/clip-gradient.ts";
import { Sgd } from "./optim/sgd.ts";
import { profile } from "./profile.ts";
import type { RandomArguments } from "./random-arguments.fixture.ts";
import { checkDevice, setThreads, synchronize } from "./runtime.ts";
import { keep, memory, release, scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";

/** A prepared call and its name. */
export interface Door {
  readonly name: string;
  readonly open: () => unknown;
}

/** Functions of the addon that are not called: those that would affect later calls, and `call`, which all operators use anyway. */
const LEFT_OUT = new Set(["call", "threads", "profile", "gradMode"]);

// biome-ignore lint: arguments of wrong types are tested here
type Unfit = any;

export function randomDoor(random: RandomArguments): Door {
  const often = <T>(right: () => T): Unfit => (random.chance(0.15) ? random.wrong() : right());
  const tensor = (): Unfit => often(() => random.tensor());
  const tensors = (): Unfit => often(() => random.some(3, tensor));
  const size = (): Unfit => often(() => random.integer());
  const shape = (): Unfit => often(() => random.some(3, size));
  const values = (): Unfit =>
    often(() =>
      random.pick([
        [1, 2, 3],
        [],
        [1n, 2n],
        [true],
        ["a"],
        [null],
        new Float32Array(4),
        new BigInt64Array(2),
        new Uint16Array(2),
      ]),
    );
  const options = (): Unfit => often(() => ({ dtype: often(() => random.dtype()), device: often(() => random.device()) }));
  const doors: Record<string, () => unknown> = {
    from: () => Tensor.from(values(), random.chance(0.3) ? undefined : shape(), options()),
    fromBytes: () =>
      Tensor.fromBytes(
        often(() => new Uint8Array(Math.floor(random.random() * 33))),
        shape(),
        often(() => random.dtype() as Dtype),
        often(() => random.device()),
      ),
    read: () => {
      const x = tensor();
      return random.pick<() => unknown>([
        () => x.shape,
        () => x.dtype,
        () => x.strides,
        () => x.device,
        () => x.data(),
        () => x.bytes(),
        () => x.numbers(),
        () => x.item(),
        () => String(x),
      ])();
    },
    method: () => {
      const x = tensor();
      return random.pick<() => unknown>([
        () => x.add(tensor(), size()),
        () => x.div(tensor()),
        () => x.floorDiv(size()),
        () => x.remainder(size()),
        () => x.copy_(tensor()),
        () => x.fill_(size()),
        () => x.reshape(...random.some(3, size)),
        () => x.expand(...random.some(3, size)),
        () => x.slice(size(), size(), size()),
        () => x.select(size(), size()),
        () => x.indexSelect(size(), tensor()),
        () => x.gather(size(), tensor()),
        () => x.masked(tensor()),
        () => x.topk(size(), size()),
        () => x.sort(often(() => ({ dim: size() }))),
        () => x.to(often(() => random.dtype() as Dtype)),
        () => x.toDevice(often(() => random.device())),
      ])();
    },
    requiresGrad: () => {
      tensor().requiresGrad = often(() => random.chance(0.5));
    },
    grad: () => {
      const x = tensor();
      if (random.chance(0.5)) return x.grad;
      x.grad = random.chance(0.2) ? x : often(() => random.tensor());
    },
    backward: () => backward(...random.some(2, () => (random.chance(0.5) ? random.tensor().mul(2).sum() : tensor()))),
    gradients: () => {
      const x = Tensor.from([1, 2, 3]);
      x.requiresGrad = true;
      const y = x.mul(x);
      const gradOptions = {
        gradOutputs: random.chance(0.5) ? undefined : tensors(),
        createGraph: random.chance(0.3),
        retainGraph: random.chance(0.5),
      };
      return grad(
        often(() => [random.chance(0.5) ? y.sum() : y]),
        often(() => [x, ...random.some(1, tensor)]),
        gradOptions,
      );
    },
    noGrad: () => noGrad(often(() => () => tensor().add(1))),
    scope: () => scope(often(() => () => [tensor(), new Map([["a", tensor().clone()]])])),
    scopeThatThrows: () =>
      scope(() => {
        random.tensor().clone();
        throw new Error("from the body");
      }),
    keepAndRelease: () => {
      const x = random.tensor().clone();
      if (random.chance(0.3)) release(x);
      release(keep(x));
    },
    releaseAnything: () => release(often(() => random.tensor().clone())),
    setThreads: () => {
      setThreads(often(() => random.pick([0, -1, 1025, 2 ** 31, 1, 2])));
    },
    generator: () => {
      const made = new Generator(
        often(() => random.integer() as number),
        often(() => random.device()),
      );
      if (random.chance(0.5)) made.state = tensor();
      return made.state;
    },
    checkDevice: () => checkDevice(often(() => random.device())),
    synchronize: () => synchronize(),
    memory: () => memory(),
    profile: () => profile(often(() => () => tensor().add(1))),
    layers: () => {
      const generator = new Generator(2);
      const few = () => often(() => random.pick([0, 1, 2, 3, 5, -1]));
      const layer = random.chance(0.5)
        ? new Conv2d({ inChannels: few(), outChannels: few(), kernel: few(), padding: few(), stride: few(), generator } as Unfit)
        : new Linear({ inFeatures: few(), outFeatures: few(), generator });
      try {
        const optimizer = new Sgd(
          layer.parameters(),
          often(() => ({ lr: random.float(), momentum: random.float(), weightDecay: random.float() })),
        );
        try {
          const loss = (layer as Unfit).forward(tensor()).sum();
          backward(loss);
          clipGradientNorm(layer.parameters().values(), random.float());
          optimizer.step();
        } finally {
          optimizer.release();
        }
      } finally {
        layer.release();
      }
    },
    addon: () => {
      const functions = Object.entries(native()).filter(([name]) => !LEFT_OUT.has(name)) as [
        string,
        (...args: unknown[]) => unknown,
      ][];
      const [name, run] = random.pick(functions);
      if (name === "release" || name === "releaseGenerator")
        return run(random.pick([0.5, -1, Number.NaN, 2 ** 53, "x", undefined, {}]));
      const result = run(...random.some(5, () => random.pick([() => random.wrong(), tensor, tensors, size, values, shape])()));
      if (typeof result === "number" && name !== "createGenerator") release(new Tensor(result));
      if (name === "createGenerator") native().releaseGenerator(result as number);
      return undefined;
    },
  };
  const name = random.pick(Object.keys(doors));
  return { name, open: doors[name] };
}
