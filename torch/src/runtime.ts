// The linked libtorch: its version, threads, BLAS and devices.

import { readFileSync } from "node:fs";
import type { Device } from "./dtype.ts";
import { native } from "./native.ts";

/** What `runtime` reports. */
export interface Runtime {
  /** libtorch's version, "1.13.0". */
  readonly version: string;
  /** The library that computes matrix products; empty when BLAS is part of libtorch. */
  readonly blas: string;
  /** Threads that operators called from this thread may use. */
  readonly threads: number;
  readonly cudaDevices: number;
}

/**
 * The version, BLAS, threads and GPUs of the linked libtorch.
 *
 * @example
 * runtime().version; // "1.13.0"
 */
export function runtime(): Runtime {
  return { ...native().build(), threads: native().threads() };
}

/**
 * Sets the number of threads that operators called from this thread may use. Throws a RangeError unless it is from 1 to 1024.
 *
 * @example
 * setThreads(2);
 */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > 1024)
    throw new RangeError(`setThreads: expected an integer from 1 to 1024, got ${count}`);
  native().threads(count);
}

/**
 * A warning when matrix products are computed by the unoptimised reference BLAS, otherwise null. `blas`: its file.
 *
 * @example
 * const warning = slowBlasWarning();
 * if (warning !== null) console.error(warning);
 */
export function slowBlasWarning(blas = native().build().blas): string | null {
  const reference = /(^|\/)lib(blas|cblas)\.so/.test(blas) && !/openblas|blis|mkl|atlas/i.test(blas);
  return reference
    ? `libtorch computes with the reference BLAS (${blas}), about 30 times slower than necessary; install a fast one: apt install libopenblas0-openmp`
    : null;
}

/**
 * Waits for all work queued on the GPU; does nothing without one.
 *
 * @example
 * const start = performance.now();
 * model.forward(x);
 * synchronize();
 * console.log(performance.now() - start);
 */
export function synchronize(): void {
  native().synchronize();
}

/**
 * Whether `device` multiplies bfloat16 in hardware, in about half the time of float32; emulated bfloat16 is slower than float32.
 *
 * @example
 * const dtype = hasFastBfloat16("cpu") ? "bfloat16" : "float32";
 */
export function hasFastBfloat16(device: Device): boolean {
  if (device !== "cpu") return true; // every GPU that libtorch's CUDA kernels support can, and most are fast
  try {
    return /^flags\s*:.*\b(avx512_bf16|amx_bf16)\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return false; // not Linux: libtorch has no such kernels
  }
}

/**
 * Throws a RangeError when `device` is not "cpu", "cuda" or "cuda:N", or does not exist.
 *
 * @example
 * checkDevice("cuda:1");
 */
export function checkDevice(device: Device): void {
  if (device === "cpu") return;
  const match = /^cuda(?::(\d+))?$/.exec(device);
  if (!match) throw new RangeError(`device: expected cpu, cuda or cuda:N, got ${device}`);
  const { cudaDevices } = native().build();
  if (Number(match[1] ?? 0) >= cudaDevices)
    throw new RangeError(`device: ${device} does not exist; the linked libtorch sees ${cudaDevices} CUDA devices`);
}
