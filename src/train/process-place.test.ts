// Which process this is, from the variables of launchers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../errors.ts";
import { placeOf, threadsAt } from "./process-place.ts";

const machine = { hostname: "node2", nodes: (list: string): string[] => (list === "node[1-2]" ? ["node1", "node2"] : [list]) };
const place = (env: Readonly<Record<string, string | undefined>>) => placeOf(env, machine);

test("a process is alone without variables, and as the only one of a launcher", () => {
  assert.equal(place({}), null);
  assert.equal(place({ RANK: "0", WORLD_SIZE: "1" }), null);
  assert.equal(place({ SLURM_NTASKS: "1", SLURM_PROCID: "0", SLURM_STEP_ID: "0", SLURM_STEP_NUM_TASKS: "1" }), null);
});

test("our launcher and torchrun are told by their variables; torchrun has a store of its own at its port", () => {
  const ours = { RANK: "1", WORLD_SIZE: "2", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2" };
  assert.deepEqual(place({ ...ours, SPARSECELL_STORE: "/new/file" }), {
    rank: 1,
    size: 2,
    here: 2,
    store: { file: "/new/file" },
    host: "127.0.0.1",
  });
  const torchrun = { RANK: "3", WORLD_SIZE: "4", LOCAL_WORLD_SIZE: "2", MASTER_ADDR: "node1", MASTER_PORT: "29500" };
  const store = { host: "node1", port: 29_500, seconds: 300 };
  assert.deepEqual(place(torchrun), { rank: 3, size: 4, here: 2, store, host: "node2" });
  assert.deepEqual(place({ ...torchrun, TORCHELASTIC_RUN_ID: "none" })?.store, { ...store, port: 29_501 });
});

test("a task of a step of Slurm is one of several; a batch script with tasks is not", () => {
  const step = {
    SLURM_NTASKS: "4",
    SLURM_STEP_NUM_TASKS: "4",
    SLURM_PROCID: "2",
    SLURM_STEP_ID: "1",
    SLURM_JOB_ID: "123",
    SLURM_STEP_NODELIST: "node[1-2]",
    SLURM_STEP_NUM_NODES: "2",
    SLURM_CPUS_PER_TASK: "8",
  };
  assert.deepEqual(place(step), {
    rank: 2,
    size: 4,
    here: 2,
    threads: 8,
    store: { host: "node1", port: 21_231, seconds: 300 },
    host: "node2",
  });
  const oneNode = place({ ...step, SLURM_STEP_NODELIST: "node1", SLURM_STEP_NUM_NODES: "1" });
  assert.deepEqual([oneNode?.host, oneNode?.store], ["127.0.0.1", { host: "127.0.0.1", port: 21_231, seconds: 300 }]);
  const { SLURM_STEP_ID: _, SLURM_STEP_NUM_TASKS: __, ...batch } = step;
  assert.equal(place(batch), null);
});

test("variables that contradict each other are refused", () => {
  const address = { MASTER_ADDR: "a", MASTER_PORT: "1" };
  for (const wrong of [
    { RANK: "2", WORLD_SIZE: "2", ...address },
    { RANK: "x", WORLD_SIZE: "2", ...address },
    { RANK: "0", WORLD_SIZE: "2" },
    { RANK: "0", WORLD_SIZE: "2", MASTER_ADDR: "a" },
    { RANK: "0", WORLD_SIZE: "2", MASTER_ADDR: "a", MASTER_PORT: "99999" },
  ])
    assert.throws(() => place(wrong), UserError);
});

test("threads are shared out, unless the scheduler says how many", () => {
  assert.equal(threadsAt({ here: 1, threads: 3 }), 3);
  assert.ok(threadsAt({ here: 1 }) >= threadsAt({ here: 2 }));
  assert.equal(threadsAt({ here: 10_000 }), 1);
});
