// (to be replaced by the full reader)
import { readSafetensors } from "./safetensors.ts";
import type { RawTensor } from "./raw-tensor.ts";
export interface WeightFile { readonly tensors: ReadonlyMap<string, RawTensor>; readonly metadata: Readonly<Record<string, string>> }
export const readWeights = (path: string): WeightFile => readSafetensors(path);
