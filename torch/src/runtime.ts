// The linked libtorch: its version, threads, BLAS and devices.

import { readFileSync } from "node:fs";
import type { Device } from "./dtype.ts";
import { native } from "./native.ts";

export interface Runtime {
  /** libtorch's version, "1.13.0". */
  readonly version: string;
  /** The file that matrix products come from; empty when BLAS is part of libtorch itself. */
  readonly blas: string;
  readonly threads: number;
  readonly cudaDevices: number;
}

export function runtime(): Runtime {
  return { ...native().build(), threads: native().threads() };
}

/** Sets the number of threads that operators called from this thread may use. */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > 1024)
    throw new RangeError(`setThreads: expected an integer from 1 to 1024, got ${count}`);
  native().threads(count);
}

/** One line for people when matrix products come from the unoptimised reference BLAS, else null. `blas`: its file. */
export function slowBlasWarning(blas = native().build().blas): string | null {
  const reference = /(^|\/)lib(blas|cblas)\.so/.test(blas) && !/openblas|blis|mkl|atlas/i.test(blas);
  return reference
    ? `libtorch computes with the reference BLAS (${blas}), some 30 times slower than need be; install a fast one: apt install libopenblas0-openmp`
    : null;
}

/** Waits for everything that was queued on the GPU; does nothing on a machine without one. */
export function synchronize(): void {
  native().synchronize();
}

/** Whether `device` multiplies bfloat16 in hardware, which takes about half the time of float32; without it, more. */
export function hasFastBfloat16(device: Device): boolean {
  if (device !== "cpu") return true; // every card that libtorch's CUDA kernels are still built for can, most of them fast
  try {
    return /^flags\s*:.*\b(avx512_bf16|amx_bf16)\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return false; // not Linux: libtorch has no such kernels for its processors
  }
}

/** Throws when `device` is not there. */
export function checkDevice(device: Device): void {
  if (device === "cpu") return;
  const match = /^cuda(?::(\d+))?$/.exec(device);
  if (!match) throw new RangeError(`device: expected cpu, cuda or cuda:N, got ${device}`);
  const { cudaDevices } = native().build();
  if (Number(match[1] ?? 0) >= cudaDevices)
    throw new RangeError(`device: ${device} is not there; the linked libtorch sees ${cudaDevices} CUDA devices`);
}
