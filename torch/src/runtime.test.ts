import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { ones } from "./functional.ts";
import { generatedFrom } from "./generated/operators.ts";
import { checkDevice, runtime, setThreads, slowBlasWarning, synchronize } from "./runtime.ts";

test("runtime: a version, a BLAS, threads, devices", () => {
  const { version, blas, threads, cudaDevices } = runtime();
  assert.match(version, /^\d+\.\d+\.\d+/);
  assert.match(generatedFrom, /^\d+\.\d+\.\d+/);
  assert.ok(blas === "" || blas.startsWith("/"), blas);
  assert.ok(threads >= 1 && Number.isInteger(cudaDevices));
  synchronize();
});

test("setThreads", () => {
  const { threads } = runtime();
  for (const count of [1, 2]) {
    setThreads(count);
    assert.equal(runtime().threads, count);
    assert.equal(ones([100, 100]).sum().item(), 10_000);
  }
  for (const count of [0, -1, 1.5, Number.NaN, 1e10])
    assert.throws(() => setThreads(count), /setThreads: expected an integer from 1 to 1024/);
  assert.equal(runtime().threads, 2);
  setThreads(threads);
});

test("the number of threads starts at OMP_NUM_THREADS if that is a number, otherwise at the number of cores", () => {
  const index = JSON.stringify(new URL("./index.js", import.meta.url));
  const code = `import { availableParallelism } from "node:os"; import { runtime } from ${index}; console.log(runtime().threads, availableParallelism());`;
  for (const [value, expected] of [
    ["3", 3],
    ["", undefined],
    ["nonsense", undefined],
    ["-2", undefined],
  ] as const) {
    const env = { ...process.env, OMP_NUM_THREADS: value };
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8", env });
    const [threads, cores] = stdout.split(" ").map(Number);
    assert.equal(threads, expected ?? cores, stderr);
  }
});

test("slowBlasWarning: one line for the reference BLAS and for no other", () => {
  for (const blas of ["/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", "/usr/lib/libblas.so.3", "/usr/lib/libcblas.so.3"]) {
    const line = slowBlasWarning(blas);
    assert.ok(line?.includes(blas) && line.includes("libopenblas0-openmp") && !line.includes("\n"));
  }
  const fast = [
    "",
    "/usr/lib/x86_64-linux-gnu/openblas-openmp/libblas.so.3",
    "/opt/intel/mkl/lib/libmkl_rt.so",
    "/usr/lib/x86_64-linux-gnu/blis-openmp/libblas.so.4",
    "/usr/lib/libopenblasp-r0.3.21.so",
    "/usr/lib/x86_64-linux-gnu/atlas/libblas.so.3",
  ];
  for (const blas of fast) assert.equal(slowBlasWarning(blas), null);
});

test("checkDevice", () => {
  checkDevice("cpu");
  for (const device of ["gpu", "", "cuda:", "cuda:x", "CPU"])
    assert.throws(() => checkDevice(device), /device: expected cpu, cuda or cuda:N, got /);
  assert.throws(() => checkDevice("cuda:99"), /device: cuda:99 does not exist; the linked libtorch sees \d+ CUDA devices/);
  const { cudaDevices } = runtime();
  if (cudaDevices === 0) assert.throws(() => checkDevice("cuda"), /cuda does not exist; the linked libtorch sees 0 CUDA devices/);
  else checkDevice("cuda");
});
