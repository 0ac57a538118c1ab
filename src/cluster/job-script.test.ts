import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { arrayScript, jobScript } from "./job-script.ts";

const script = {
  name: "sparsecell-a-12345678",
  comment: "/my grids/a/slurm/1",
  log: "/my grids/a/slurm/1/%a.log",
  cwd: "/home",
  settings: { partition: "gpu", account: "lab", time: "1-00", cards: 2, cpus: 8, lines: ["--mem=16G", "--signal=B:USR1@600"] },
  program: ["/usr/bin/node", "/it's here/sparsecell.js"],
};

test("an array's script asks for what it was told, in lines that sbatch reads, what is given by hand last", () => {
  const text = arrayScript({ ...script, list: "/my grids/a/slurm/1/elements.jsonl" });
  const lines = text.split("\n").filter((line) => line.startsWith("#SBATCH"));
  assert.deepEqual(lines, [
    "#SBATCH --job-name=sparsecell-a-12345678",
    '#SBATCH --comment="/my grids/a/slurm/1"',
    "#SBATCH --chdir=/home",
    '#SBATCH --output="/my grids/a/slurm/1/%a.log"',
    "#SBATCH --open-mode=append",
    "#SBATCH --partition=gpu",
    "#SBATCH --account=lab",
    "#SBATCH --cpus-per-task=8",
    "#SBATCH --gres=gpu:2",
    "#SBATCH --time=1-00",
    "#SBATCH --requeue",
    "#SBATCH --signal=B:USR1@120",
    "#SBATCH --mem=16G",
    "#SBATCH --signal=B:USR1@600",
  ]);
  assert.equal(spawnSync("sh", ["-n"], { input: text }).status, 0);
  assert.match(
    text,
    /^\/usr\/bin\/node '\/it'\\''s here\/sparsecell\.js' element '\/my grids\/a\/slurm\/1\/elements\.jsonl' "\$SLURM_ARRAY_TASK_ID" &/m,
  );
});

test("the job after it asks for no card and no time", () => {
  const text = jobScript({ ...script, args: ["report", "/my grids/a"] });
  assert.doesNotMatch(text, /gres|--time/);
  assert.match(text, /^exec \/usr\/bin\/node .* report '\/my grids\/a'$/m);
});

test("the script's exit code is the program's, and 138 is a requeue of this element", () => {
  const run = (code: number) => {
    const text = arrayScript({ ...script, program: ["sh", "-c", `exit ${code}`], list: "list" });
    const input = `scontrol() { echo "$@"; }\n${text.replace("exec scontrol", "scontrol")}`;
    const env = { ...process.env, SLURM_ARRAY_JOB_ID: "7", SLURM_ARRAY_TASK_ID: "3", SLURM_CPUS_ON_NODE: "2" };
    const { status, stdout } = spawnSync("sh", { input, env, encoding: "utf8" });
    return [status, stdout.trim()];
  };
  assert.deepEqual(run(0), [0, ""]);
  assert.deepEqual(run(1), [1, ""]);
  assert.deepEqual(run(138), [138, "requeue 7_3"]);
});
