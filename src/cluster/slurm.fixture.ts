// A Slurm of one node for tests: its daemons with a configuration, a key, folders and ports of their own, so that a Slurm of the
// machine and other test suites are not touched.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

export interface TestSlurm {
  /** Kills the node: its daemon and all that runs on it, with SIGKILL. */
  killNode(): Promise<void>;
  startNode(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it, and points Slurm's commands at it by SLURM_CONF; or says why that cannot be. */
export async function startSlurm(): Promise<TestSlurm | string> {
  if (process.getuid?.() !== 0) return "Slurm's daemons need root";
  for (const daemon of ["munged", "slurmctld", "slurmd"])
    if (spawnSync(daemon, ["-V"]).error) return `${daemon} is not installed (Debian's slurm-wlm and munge)`;
  let why = "";
  for (let attempt = 0; attempt < 3; attempt++) {
    const slurm = new OneNode(await freePorts()); // another process may take them before the daemons do
    if (await slurm.start()) return slurm;
    why = slurm.lastWords();
    await slurm.stop();
  }
  return `Slurm's daemons do not come up: ${why}`;
}

/** Polls until `condition` holds; fails after a time that no machine needs. */
export async function until(what: string, condition: () => boolean, seconds = 300): Promise<void> {
  const begun = performance.now();
  while (!condition()) {
    if (performance.now() - begun > 1000 * seconds) throw new Error(`waited ${seconds} s for ${what}`);
    await setTimeout(50);
  }
}

const host = hostname().split(".")[0];

class OneNode implements TestSlurm {
  readonly #dir = mkdtempSync(join(tmpdir(), "slurm-"));
  readonly #conf = join(this.#dir, "slurm.conf");
  readonly #daemons: ChildProcess[] = [];
  #node: ChildProcess | null = null;

  constructor([controller, node]: readonly number[]) {
    const dir = this.#dir;
    chmodSync(dir, 0o755); // munge wants its socket to be reachable by all
    for (const name of ["state", "spool"]) mkdirSync(join(dir, name));
    writeFileSync(join(dir, "munge.key"), randomBytes(1024), { mode: 0o400 });
    writeFileSync(
      this.#conf,
      `ClusterName=test
SlurmctldHost=${host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket=${dir}/munge.socket,cred_expire=5
SlurmctldPort=${controller}
SlurmdPort=${node}
StateSaveLocation=${dir}/state
SlurmdSpoolDir=${dir}/spool
SlurmctldPidFile=${dir}/slurmctld.pid
SlurmdPidFile=${dir}/slurmd.pid
SlurmctldLogFile=${dir}/slurmctld.log
SlurmdLogFile=${dir}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0,batch_sched_delay=0
ReturnToService=2
KillWait=60
MessageTimeout=60
SlurmdTimeout=0
NodeName=${host} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=test Nodes=${host} Default=YES MaxTime=INFINITE State=UP
`,
    );
  }

  async start(): Promise<boolean> {
    const file = (name: string): string => join(this.#dir, name);
    const paths = [
      "key-file=munge.key",
      "socket=munge.socket",
      "pid-file=munged.pid",
      "log-file=munged.log",
      "seed-file=munge.seed",
    ];
    const munge = paths.map((text) => text.replace(/^(.*)=(.*)$/, (_, flag, name) => `--${flag}=${file(name)}`));
    try {
      this.#spawn("munged", ["--foreground", ...munge]);
      await until("munged", () => existsSync(file("munge.socket")), 30);
      this.#spawn("slurmctld", ["-D", "-f", this.#conf]);
      process.env.SLURM_CONF = this.#conf;
      await this.startNode();
      return true;
    } catch {
      return false;
    }
  }

  async startNode(): Promise<void> {
    this.#node = this.#spawn("slurmd", ["-D", "-f", this.#conf]);
    const isUp = (): boolean => /^(idle|mixed|alloc)/.test(spawnSync("sinfo", ["-h", "-o", "%T"], { encoding: "utf8" }).stdout);
    await until("the node", isUp, 60);
  }

  async killNode(): Promise<void> {
    const children = this.#jobProcesses();
    this.#node?.kill("SIGKILL");
    await ended(this.#node);
    for (const pid of children) kill(pid);
    // Slurm itself would find out after minutes (SlurmdTimeout)
    spawnSync("scontrol", ["update", `NodeName=${host}`, "State=DOWN", "Reason=killed"]);
  }

  /** What runs in jobs, after the daemons of its steps, so that these can report nothing. */
  #jobProcesses(): number[] {
    const { stdout } = spawnSync("scontrol", ["listpids"], { encoding: "utf8" });
    const pids = [...(stdout ?? "").matchAll(/^(\d+)\s+\d/gm)].map(([, pid]) => Number(pid));
    const steps = pids.map(parentOf).filter((pid): pid is number => pid !== null && nameOf(pid) === "slurmstepd");
    return [...new Set([...steps, ...pids])];
  }

  /** The last line of the daemons' logs. */
  lastWords(): string {
    const logs = ["slurmd.log", "slurmctld.log", "munged.log"].map((name) => join(this.#dir, name));
    const lines = logs
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, "utf8").trim().split("\n").at(-1) ?? "");
    return lines.find((line) => line !== "") ?? "they left no log";
  }

  async stop(): Promise<void> {
    for (const pid of this.#jobProcesses()) kill(pid);
    for (const daemon of this.#daemons.reverse()) {
      daemon.kill("SIGTERM");
      await Promise.race([ended(daemon), setTimeout(10_000, null, { ref: false })]);
      daemon.kill("SIGKILL");
    }
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 10 });
  }

  #spawn(command: string, args: readonly string[]): ChildProcess {
    const child = spawn(command, args, { stdio: "ignore" });
    this.#daemons.push(child);
    return child;
  }
}

const ended = async (child: ChildProcess | null): Promise<void> => {
  if (child && child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once("exit", resolve));
};

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {} // it has ended
}

const statOf = (pid: number): string => (existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8") : "");

const nameOf = (pid: number): string => /\((.*)\)/.exec(statOf(pid))?.[1] ?? "";

function parentOf(pid: number): number | null {
  const found = /^\d+ \(.*\) \S (\d+)/.exec(statOf(pid));
  return found ? Number(found[1]) : null;
}

/** Two ports that nothing listens on. */
async function freePorts(): Promise<number[]> {
  const servers = await Promise.all(
    [0, 1].map(
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
