// Run by leak.test.ts in a separate process: training-like steps on small tensors, reporting live tensors, their bytes and
// resident memory after some of them.
//   node leak.fixture.js

import { backward } from "./autograd.ts";
import { binaryCrossEntropyWithLogits, randn, relu } from "./functional.ts";
import { Generator } from "./generator.ts";
import { Conv2d } from "./nn/conv2d.ts";
import { Linear } from "./nn/linear.ts";
import { clipGradientNorm } from "./optim/clip-gradient.ts";
import { Sgd } from "./optim/sgd.ts";
import { memory, scope } from "./scope.ts";

const generator = new Generator(1);
const conv = new Conv2d({ inChannels: 3, outChannels: 4, kernel: 3, padding: 1, generator });
const head = new Linear({ inFeatures: 4, outFeatures: 2, generator });
const parameters = new Map([...conv.state(), ...[...head.state()].map(([name, tensor]) => [`head.${name}`, tensor] as const)]);
const optimizer = new Sgd(parameters, { lr: 0.01, momentum: 0.9, weightDecay: 1e-4 });

function step(): number {
  return scope(() => {
    const features = relu(conv.forward(randn([1, 3, 8, 8], generator)));
    const logits = head.forward(features.permute(0, 2, 3, 1).reshape(-1, 4));
    const loss = binaryCrossEntropyWithLogits(logits, logits.detach().gt(0).to("float32")).mean();
    backward(loss);
    clipGradientNorm(parameters.values(), 1);
    optimizer.step();
    optimizer.zeroGrad();
    return loss.item();
  });
}

const samples: { steps: number; tensors: number; bytes: number; rss: number }[] = [];
for (let steps = 1; steps <= 10_000; steps++) {
  if (!Number.isFinite(step())) throw new Error(`the loss of step ${steps} is not finite`);
  if (steps === 2_000 || steps === 10_000) {
    globalThis.gc?.();
    samples.push({ steps, ...memory(), rss: process.memoryUsage().rss });
  }
}
console.log(JSON.stringify(samples));
