// A worker thread of workers.mjs: trains a small network for `steps` steps (0: until it is terminated), then posts { loss, tensors
// (those still alive) }. With `gc`, garbage is collected between steps.

import { parentPort, workerData } from "node:worker_threads";
import {
  backward,
  binaryCrossEntropyWithLogits,
  Conv2d,
  Generator,
  Linear,
  memory,
  randn,
  relu,
  Sgd,
  scope,
  setThreads,
} from "@sparsecell/torch";

const { steps, gc } = workerData;
setThreads(1);
const generator = new Generator(1);
const conv = new Conv2d({ inChannels: 3, outChannels: 8, kernel: 3, padding: 1, generator });
const head = new Linear({ inFeatures: 8, outFeatures: 2, generator });
const parameters = new Map([...conv.parameters(), ...[...head.parameters()].map(([name, tensor]) => [`head.${name}`, tensor])]);
const optimizer = new Sgd(parameters, { lr: 0.1, momentum: 0.9, weightDecay: 1e-4 });

function step() {
  return scope(() => {
    const features = relu(conv.forward(randn([1, 3, 32, 32], generator)));
    const logits = head.forward(features.permute(0, 2, 3, 1).reshape(-1, 8));
    const loss = binaryCrossEntropyWithLogits(logits, logits.detach().gt(0).to("float32")).mean();
    backward(loss);
    optimizer.step();
    optimizer.zeroGrad();
    return loss.item();
  });
}

let loss = step();
parentPort.postMessage("trains");
for (let i = 1; i < steps || steps === 0; i++) {
  loss = step();
  if (gc) {
    randn([100], generator); // left to the garbage collector
    globalThis.gc();
  }
}
optimizer.release();
conv.release();
head.release();
parentPort.postMessage({ loss, tensors: gc ? 0 : memory().tensors });
