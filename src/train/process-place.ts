// Which process of a training this one is, if it is one of several: by the variables of torchrun and of our own launcher, or by
// those of Slurm's srun.

import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import type { StorePlace } from "@sparsecell/torch";
import { reason, UserError } from "../errors.ts";

/** Which of the processes of a training one is, and how it finds the others. */
export interface ProcessPlace {
  /** 0 … size − 1; 0 writes and speaks for all. */
  readonly rank: number;
  readonly size: number;
  /** How many of them are on this machine. */
  readonly here: number;
  /** Of this process, where the scheduler says so. */
  readonly threads?: number;
  readonly store: StorePlace;
  /** This machine, as the other processes reach it. */
  readonly host: string;
}

/** Threads of a process where nobody says how many. */
export const threadsAt = ({ here, threads }: Pick<ProcessPlace, "here" | "threads">): number =>
  threads ?? Math.max(1, Math.floor(availableParallelism() / here));

type Variables = Readonly<Record<string, string | undefined>>;

/** The variable with which our launcher names the file where its processes find each other. */
export const STORE_VARIABLE = "SPARSECELL_STORE";

const PATIENCE = 300; // seconds; under a scheduler processes begin at different times

/** Null where this process is alone. Throws a UserError where the variables contradict each other. */
export function placeOf(env: Variables, { hostname, nodes = nodesOf }: { hostname: string; nodes?: (list: string) => string[] }) {
  if (env.RANK !== undefined && env.WORLD_SIZE !== undefined) return fromLauncher(env, hostname);
  if (Number(env.SLURM_NTASKS) > 1 && env.SLURM_PROCID !== undefined && env.SLURM_STEP_ID !== undefined && isTask(env))
    return fromSlurm(env, hostname, nodes);
  return null;
}

/** A batch script has the variables of its first task, too, but is none of a step: its step has no tasks of its own. */
const isTask = ({ SLURM_STEP_ID, SLURM_STEP_NUM_TASKS, SLURM_NTASKS }: Variables): boolean =>
  SLURM_STEP_ID !== "batch" && SLURM_STEP_NUM_TASKS === SLURM_NTASKS;

function fromLauncher(env: Variables, hostname: string): ProcessPlace | null {
  const size = whole(env, "WORLD_SIZE", 1);
  const rank = whole(env, "RANK", 0, size - 1);
  if (size === 1) return null;
  const here = env.LOCAL_WORLD_SIZE === undefined ? size : whole(env, "LOCAL_WORLD_SIZE", 1, size);
  const file = env[STORE_VARIABLE];
  if (file) return { rank, size, here, store: { file }, host: "127.0.0.1" };
  const host = env.MASTER_ADDR;
  if (!host) throw new UserError("RANK and WORLD_SIZE are set, but not MASTER_ADDR; set it to the machine of rank 0");
  const store = { host, port: storePort(whole(env, "MASTER_PORT", 1, 65_535), env), seconds: PATIENCE };
  return { rank, size, here, store, host: here === size ? "127.0.0.1" : hostname };
}

/** torchrun has a store of its own at MASTER_PORT, on the machine of rank 0. */
const storePort = (port: number, { TORCHELASTIC_RUN_ID }: Variables): number =>
  TORCHELASTIC_RUN_ID === undefined ? port : port < 65_535 ? port + 1 : port - 1;

function fromSlurm(env: Variables, hostname: string, nodes: (list: string) => string[]): ProcessPlace {
  const size = whole(env, "SLURM_NTASKS", 2);
  const rank = whole(env, "SLURM_PROCID", 0, size - 1);
  const list = env.SLURM_STEP_NODELIST ?? env.SLURM_JOB_NODELIST ?? "";
  const hosts = env.MASTER_ADDR ? [env.MASTER_ADDR] : nodes(list);
  const isOneNode = (env.SLURM_STEP_NUM_NODES ?? env.SLURM_NNODES) === "1";
  const job = Number(env.SLURM_JOB_ID ?? 0);
  const port =
    env.MASTER_PORT === undefined
      ? 20_000 + ((10 * job + Number(env.SLURM_STEP_ID)) % 10_000)
      : whole(env, "MASTER_PORT", 1, 65_535);
  const here = isOneNode ? size : Math.ceil(size / Math.max(1, Number(env.SLURM_STEP_NUM_NODES ?? env.SLURM_NNODES ?? 1)));
  return {
    rank,
    size,
    here,
    ...(env.SLURM_CPUS_PER_TASK && { threads: whole(env, "SLURM_CPUS_PER_TASK", 1) }),
    store: { host: isOneNode && !env.MASTER_ADDR ? "127.0.0.1" : hosts[0], port, seconds: PATIENCE },
    host: isOneNode ? "127.0.0.1" : hostname,
  };
}

/** The nodes of a list such as node[1-3]. */
function nodesOf(list: string): string[] {
  try {
    return execFileSync("scontrol", ["show", "hostnames", list], { encoding: "utf8" }).trim().split("\n");
  } catch (error) {
    throw new UserError(`scontrol does not say which nodes ${list} are (${reason(error)}); set MASTER_ADDR to the first one`);
  }
}

function whole(env: Variables, name: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(env[name]);
  if (/^\d+$/.test(env[name] ?? "") && value >= least && value <= most) return value;
  throw new UserError(
    `${name}=${env[name] ?? ""}: expected a whole number from ${least}${most < 2 ** 40 ? ` to ${most}` : ""}; start all processes alike`,
  );
}
