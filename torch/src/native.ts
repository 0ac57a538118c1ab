// The only access to the native addon, with types. It is loaded at first use, so that importing the package costs nothing.
// Everything here uses handles (numbers), which tensor.ts wraps.

import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

export type Handle = number;
export interface Handled {
  readonly handle: Handle;
}

export interface OperatorInfo {
  readonly index: number;
  readonly schema: string;
  /** The schema's result types, such as "Tensor", "Tensor[]", "int". */
  readonly returns: readonly string[];
}

interface Native {
  lookup(name: string, overload: string): OperatorInfo;
  call(index: number, positional: readonly unknown[], keywords?: object): unknown[];
  schemas(): string[];
  backward(roots: readonly Handled[], gradients: readonly (Handled | null)[]): void;
  grad(
    outputs: readonly Handled[],
    inputs: readonly Handled[],
    gradients: readonly (Handled | null)[],
    retainGraph: boolean,
    createGraph: boolean,
  ): (Handle | null)[];
  setRequiresGrad(tensor: Handled, value: boolean): void;
  getGrad(tensor: Handled): Handle | null;
  setGrad(tensor: Handled, gradient: Handled | null): void;
  gradMode(enabled: boolean): boolean;
  fromBuffer(bytes: Uint8Array, shape: readonly number[], dtype: string, device: string): Handle;
  toBuffer(tensor: Handled): ArrayBuffer;
  shape(tensor: Handled): number[];
  describe(tensor: Handled): { dtype: string; device: string; strides: number[]; requiresGrad: boolean; isLeaf: boolean };
  release(handle: Handle): boolean;
  createGenerator(device: string, seed: number): Handle;
  releaseGenerator(handle: Handle): boolean;
  generatorState(generator: Handled): Handle;
  setGeneratorState(generator: Handled, state: Handled): void;
  build(): { version: string; blas: string; cudaDevices: number };
  threads(count?: number): number;
  synchronize(): void;
  /** true starts profiling; false stops it and returns the operators in between. */
  profile(on: boolean): unknown;
  memory(): { tensors: number; bytes: number };
  readonly distributed: NativeDistributed;
}

/** Everything but `missing` throws where that says anything. */
interface NativeDistributed {
  /** Why several processes are not possible; empty where they are. */
  readonly missing: string;
  fileStore(file: string, size: number): void;
  tcpStore(host: string, port: number, isServer: boolean, seconds: number): void;
  storeSet(key: string, value: string): void;
  storeGet(key: string): string | null;
  join(rank: number, size: number, host: string, isOneMachine: boolean): void;
  sum(tensors: readonly Handled[], seconds: number): void;
  sumGradients(tensors: readonly Handled[], seconds: number): void;
  leave(): void;
}

let loaded: Native | undefined;

/** The addon, built by the project's set-up into `torch/build`. The default number of threads is that of cores, or OMP_NUM_THREADS. */
export function native(): Native {
  if (loaded) return loaded;
  const file = fileURLToPath(new URL("../build/addon.node", import.meta.url));
  try {
    loaded = createRequire(import.meta.url)(file) as Native;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw new Error(
      `torch: the native addon could not be loaded (${reason}); run: npx sparsecell setup; what is missing: npx sparsecell doctor`,
    );
  }
  const asked = Number(process.env.OMP_NUM_THREADS);
  loaded.threads(asked >= 1 && asked <= 1024 ? asked : availableParallelism());
  return loaded;
}
