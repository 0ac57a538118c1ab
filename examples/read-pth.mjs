// Reads PyTorch's weights without PyTorch: lists what is in a file, and computes with a layer of it. The reader builds tensors
// and containers only, so nothing in a .pth can run.
//
//   node examples/read-pth.mjs [FILE]      1 s
//
// FILE: .pth, .pt or safetensors (default: examples/checkpoint.pth, which `torch.save` of PyTorch 1.13 wrote:
// { model: the state dict of nn.Linear(2, 1), optimizer, epoch … }).

import { fileURLToPath } from "node:url";
import { linear, readWeights, scope, Tensor } from "@sparsecell/torch";

const file = process.argv[2] ?? fileURLToPath(new URL("checkpoint.pth", import.meta.url));

const { tensors } = readWeights(file); // of a checkpoint its state dict
for (const [name, { dtype, shape }] of tensors) console.log(`${name} ${dtype} [${shape.join(", ")}]`);

const tensor = (name) => {
  const { data, shape, dtype } = tensors.get(name);
  return Tensor.fromBytes(data, shape, dtype);
};
if (process.argv[2] === undefined)
  scope(() => {
    const y = linear(Tensor.from([1, 1], [1, 2]), tensor("weight"), tensor("bias"));
    console.log(`linear(1, 1) = ${y.item().toFixed(4)}`);
  });
