// The thread that hashes what a run is made of, beside the first steps of the training.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { identityOf, sha256Of } from "../files/sha256.ts";
import type { Surroundings } from "../runs/provenance.ts";
import { version } from "../version.ts";

export interface ProvenanceQuestion {
  /** Path by name. */
  readonly images: readonly (readonly [name: string, path: string])[];
  readonly weights: string | null;
  readonly device: string;
  /** Versions by name, and the file of BLAS, if it is one. */
  readonly libraries: Readonly<Record<string, string>>;
  readonly blas: string;
}

export interface ProvenanceAnswer {
  readonly surroundings: Surroundings;
  readonly weights: string | null;
  readonly images: readonly (readonly [name: string, sha256: string])[];
}

const LARGE = 256e6; // bytes; of larger files, slides, only the ends are read

const root = fileURLToPath(new URL("../../", import.meta.url));
const torch = fileURLToPath(new URL("../", import.meta.resolve("@sparsecell/torch")));

/** Of the compiled program and of the addon's sources, without tests: the same in a clone and in the package. */
function codeDigest(): string {
  const hash = createHash("sha256");
  for (const [base, folder, ends] of [
    [root, "dist", ".js"],
    [torch, "dist", ".js"],
    [torch, "native", ".cc"],
  ])
    for (const file of readdirSync(join(base, folder), { recursive: true }).map(String).sort()) {
      if (!file.endsWith(ends) || /\.(test|fixture)\.js$/.test(file)) continue;
      hash.update(`\n${relative(base, join(base, folder, file))}\n`).update(readFileSync(join(base, folder, file)));
    }
  return hash.digest("hex");
}

function commit(): { commit?: string; changed?: boolean } {
  if (!existsSync(join(root, ".git"))) return {};
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return { commit: git("rev-parse", "HEAD"), changed: git("status", "--porcelain", "--untracked-files=no") !== "" };
  } catch {
    return {}; // no git here
  }
}

const linuxFile = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // another system
  }
};

/** The version that a library's file has, told by its ends. */
const ofFile = (path: string): string => `${basename(path)} ${identityOf(path).slice(0, 16)}`;

function libraries({ libraries, blas }: ProvenanceQuestion): Record<string, string> {
  const libtorch = /\S+\/libtorch_cpu\.so\S*$/m.exec(linuxFile("/proc/self/maps"))?.[0];
  return {
    ...libraries,
    ...(libtorch && { libtorch: `${libraries.libtorch}, ${ofFile(libtorch)}` }),
    ...(blas && { BLAS: ofFile(blas) }),
  };
}

const INSTRUCTIONS = ["avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "sve", "bf16"];
const CHOOSE_KERNELS =
  /^(OPENBLAS_(CORETYPE|NUM_THREADS)|ATEN_CPU_CAPABILITY|(DNNL|ONEDNN)_\w+|MKL_\w+|OMP_NUM_THREADS|NVIDIA_TF32_OVERRIDE)$/;

function machine({ device }: ProvenanceQuestion): Record<string, string> {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(linuxFile("/proc/cpuinfo"))?.[1].split(" ") ?? [];
  const variables = Object.entries(process.env).filter(([name, value]) => CHOOSE_KERNELS.test(name) && value);
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: String(availableParallelism()),
    instructions: INSTRUCTIONS.filter((name) => flags.includes(name)).join(" ") || process.arch,
    ...Object.fromEntries(variables as [string, string][]),
    ...(device !== "cpu" && { card: card() }),
  };
}

function card(): string {
  try {
    const query = ["--query-gpu=name,driver_version", "--format=csv,noheader"];
    return execFileSync("nvidia-smi", query, { encoding: "utf8" }).trim().split("\n").join("; ");
  } catch {
    return "unknown";
  }
}

/** A file that is missing is the training's to complain about. */
async function fileDigest(path: string): Promise<string> {
  if (!existsSync(path)) return "missing";
  return statSync(path).size > LARGE ? `ends ${identityOf(path)}` : sha256Of(path);
}

const question = workerData as ProvenanceQuestion;
const images: [string, string][] = [];
for (const [name, path] of question.images) images.push([name, await fileDigest(path)]);
parentPort?.postMessage({
  surroundings: {
    code: { version, sha256: codeDigest(), ...commit() },
    libraries: libraries(question),
    machine: machine(question),
  },
  weights: question.weights === null ? null : await fileDigest(question.weights),
  images,
} satisfies ProvenanceAnswer);
