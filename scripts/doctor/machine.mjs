// The machine: processor, memory, disk, cards.

import { accessSync, constants, readFileSync, statfsSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { attempt } from "../progress.mjs";

const GIB = 2 ** 30;
const gib = (bytes) => `${(bytes / GIB).toFixed(1)} GiB`;

export function machineChecks({ env, cwd, addon }) {
  return [processorCheck(env, addon), memoryCheck(), diskCheck(cwd), cardsCheck(env, addon)];
}

function processorCheck(env, addon) {
  const cores = availableParallelism();
  const threads = Number(env.OMP_NUM_THREADS) || cores;
  const kinds = [bfloat16() ? "multiplies bfloat16" : "float32 only: no fast bfloat16"];
  const text = `${cpus()[0]?.model.trim() ?? "unknown"}, ${cores} core${cores === 1 ? "" : "s"}, ${threads} thread${threads === 1 ? "" : "s"}${env.OMP_NUM_THREADS ? " (OMP_NUM_THREADS)" : ""}, ${kinds}`;
  return threads > cores && addon
    ? { name: "processor", state: "warning", found: `${text}: more threads than cores`, mend: "unset OMP_NUM_THREADS" }
    : { name: "processor", state: "ok", found: text };
}

function bfloat16() {
  try {
    return /^flags\s*:.*\b(avx512_bf16|amx_bf16)\b/m.test(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return false;
  }
}

function memoryCheck() {
  const limit = process.constrainedMemory?.() || totalmem(); // of a container, where it has one
  const all = Math.min(limit, totalmem());
  const free = Math.min(all, available());
  const found = `${gib(free)} of ${gib(all)} available`;
  return free < 2 * GIB
    ? {
        name: "memory",
        state: "warning",
        found: `${found}: a training of the default size needs about 2 GiB`,
        mend: "end other programs, or train with a smaller --input-size",
      }
    : { name: "memory", state: "ok", found };
}

function available() {
  try {
    return 1024 * Number(/^MemAvailable:\s*(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8"))[1]);
  } catch {
    return process.availableMemory?.() ?? totalmem();
  }
}

function diskCheck(cwd) {
  const name = "disk";
  try {
    accessSync(cwd, constants.W_OK);
  } catch {
    return { name, state: "warning", found: `${cwd} cannot be written`, mend: "pass --out with a folder that can" };
  }
  const { bavail, bsize } = statfsSync(cwd);
  const found = `${gib(bavail * bsize)} free in ${cwd}`;
  return bavail * bsize < GIB
    ? { name, state: "warning", found: `${found}: a run with a ResNet-50 takes up to 1 GiB`, mend: "free some space" }
    : { name, state: "ok", found };
}

function cardsCheck(env, addon) {
  const name = "cards";
  const query = attempt("nvidia-smi", ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"], { env });
  const cards = query.ok ? query.output.trim().split("\n").filter(Boolean) : [];
  if (cards.length === 0) return { name, state: "absent", found: "no NVIDIA card: trains on the processor" };
  const found = cards.map((line) => line.replace(/, ([^,]*)$/, ", driver $1")).join("; ");
  if (addon && addon.cudaDevices === 0)
    return {
      name,
      state: "warning",
      found: `${found}: this libtorch does not see them`,
      mend: "pip install torch (built with CUDA), then npx sparsecell setup",
    };
  return { name, state: "ok", found: addon ? `${found}; --device cuda` : found };
}
