// A grid for Kubernetes: the Job that is printed, and what a pod of it runs.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parse } from "yaml";
import { tinyProtocol, writeProtocol } from "../../experiment/run-grid.fixture.ts";
import { refuse, sparsecell, succeed } from "../cli.fixture.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "cli-emit-")));
after(() => rmSync(root, { recursive: true }));

const emit = ["experiment", "tiny.mjs", "--emit", "kubernetes", "--out", "grid"];

test("an index runs its unit, and the next Job has the others", () => {
  writeProtocol(root, "tiny.mjs", tinyProtocol({ keeps: [0.5], folds: 2, methods: ["fpn"] }));
  const job = parse(succeed(root, ...emit, "--jobs", "1", "--cpus", "2").stdout);
  const [{ command, volumeMounts, resources }] = job.spec.template.spec.containers;
  assert.deepEqual([job.spec.completions, job.spec.parallelism], [2, 1]);
  assert.deepEqual(resources, { limits: { cpu: "2" } });
  assert.deepEqual(volumeMounts, [{ name: "shared", mountPath: join(root, "grid") }]);
  const list = join(root, "grid/kubernetes/1/elements.jsonl");
  assert.equal(command.at(-1), list);

  const { stderr } = succeed(root, "element", list, "1");
  assert.match(stderr, /^element 1: fold1-keep0\.5-fpn-seed0$/m);
  assert.ok(existsSync(join(root, "grid/runs/fold1-keep0.5-fpn-seed0/result.json")));
  assert.match(succeed(root, "status", "grid").stdout, /^grid: 2 runs: 1 done, 1 left$/m);
  assert.deepEqual(succeed(root, "element", list, "1").lines, [
    "element 1: fold1-keep0.5-fpn-seed0",
    "fold1-keep0.5-fpn-seed0: is finished",
  ]);
  const next = parse(succeed(root, ...emit).stdout);
  assert.equal(next.spec.completions, 1);
  assert.equal(next.spec.template.spec.containers[0].command.at(-1), join(root, "grid/kubernetes/2/elements.jsonl"));
});

test("what cannot be is one line", () => {
  mkdirSync(join(root, "empty"));
  const list = join(root, "grid/kubernetes/1/elements.jsonl");
  refuse(
    root,
    [[...emit, "--executor", "slurm"], /^experiment: pass --executor slurm or --emit kubernetes, not both$/],
    [[...emit, "--partition", "gpu"], /^experiment: --partition is for --executor slurm; pass both$/],
    [
      [...emit, "--cards", "1"],
      /^experiment: --cards asks for GPUs, and --device is cpu; pass --device cuda too, or leave out --cards$/,
    ],
    [["run-unit", "grid", "fold7-keep0.5-fpn-seed0"], /^grid: has no run fold7-keep0\.5-fpn-seed0; its runs are named like/],
    [["run-unit", "empty", "x"], /^empty: not a grid: it has no grid\.json/],
    [["element", "none.jsonl", "0"], /^none\.jsonl: cannot be read: no such file or directory; check the path$/],
    [["status", "empty"], /^empty: is not a grid, a run or a folder that was submitted with --executor slurm; check the path$/],
    [["cancel", "grid"], /^grid: nothing of it was submitted; stop a local command with Ctrl-C$/],
  );
  assert.equal(sparsecell(root, "element", list, "9").status, 1);
});
