// libtorch for Node. This list is the table of contents.
export * from "./autograd.ts";
export { call, callAny, schemaOf } from "./call.ts";
export type { Device, Dtype, MemoryFormat, TypedArray } from "./dtype.ts";
export * from "./functional.ts";
export type { Operators } from "./generated/operators.ts";
export { Generator } from "./generator.ts";
export * from "./nn/conv2d.ts";
export * as init from "./nn/init.ts";
export * from "./nn/linear.ts";
export { Module, parameter } from "./nn/module.ts";
export * from "./nn/normalization.ts";
export { clipGradientNorm } from "./optim/clip-gradient.ts";
export * from "./optim/sgd.ts";
export * from "./runtime.ts";
export { keep, memory, release, scope } from "./scope.ts";
export { Tensor, type Operand } from "./tensor.ts";
