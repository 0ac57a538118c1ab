// A training that holds out marks, and what its model says afterwards.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lastSteps } from "../../tracking/event-reader.ts";
import { refuse, succeed, tiny } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-hold-out-"));
after(() => rmSync(root, { recursive: true }));

test("train ends with the score that it recommends; predict prints it, and takes it where that is asked for", () => {
  succeed(root, "data", "synth", "--kind", "ki67", "--images", "4", "--size", "128x128", "--seed", "1", "--out", "tissue");
  const run = ["--steps", "2", "--threads", "1"];
  const { stdout, stderr } = succeed(
    root,
    "train",
    "tissue",
    ...tiny,
    ...run,
    "--hold-out",
    "0.4",
    "--track",
    "tensorboard",
    "--out",
    "run",
  );
  const line =
    /^recommended score (0\.\d+): finds \d+ % of the held-out marks \(\d+ to \d+, \d+ marks\); (?:how many detections are wrong cannot be known from sparse marks|F1 about \d+ % \(\d+ to \d+\), if \d+ % of the cells are marked, as it counted)$/m;
  assert.match(stderr, /^held out to measure on: \d+ of \d+ annotations; training ignores their places$/m);
  assert.match(stdout, line);
  assert.ok(!existsSync(join(root, "run", "best.safetensors")));

  assert.match(readFileSync(join(root, "run", "MODEL.md"), "utf8"), /^- On held-out annotations: recommended score/m);
  assert.deepEqual(JSON.parse(readFileSync(join(root, "run", "tracking.json"), "utf8")), { track: ["tensorboard"] });
  // How much was written when the training ended depends on the machine; of what was, every step is one of the training's.
  for (const [tag, step] of lastSteps(join(root, "run"))) assert.ok(step === 1 || step === 2, `${tag}: ${step}`);

  const predict = ["predict", "--model", "run", "--data", "tissue", "--threads", "1", "--out"];
  const all = succeed(root, ...predict, "all.json");
  assert.match(all.stderr, line);
  succeed(root, ...predict, "auto.json", "--score", "auto");
  const scores = (file: string): number[] =>
    JSON.parse(readFileSync(join(root, file), "utf8")).annotations.map(({ score }: { score: number }) => score);
  const recommended = Number(line.exec(stdout)?.[1]);
  assert.ok(scores("all.json").length > 0);
  assert.deepEqual(
    scores("auto.json").filter((score) => score < recommended),
    [],
  );

  succeed(root, "train", "tissue", ...tiny, ...run, "--out", "plain");
  refuse(
    root,
    [
      ["predict", "--model", "plain", "--data", "tissue", "--score", "auto", "--out", "x.json"],
      /^--score auto: plain recommends no score; train with --hold-out 0\.1, or pass a number$/,
    ],
    [
      ["train", "tissue", "--hold-out", "0.6", "--out", "x"],
      /'--hold-out <fraction>' argument '0\.6' is invalid\. It must be a number from 0 to 0\.5/,
    ],
  );
});
