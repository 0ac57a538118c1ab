import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { trainingMethods as methods } from "../../procedures/index.ts";
import { succeed } from "../cli.fixture.ts";

test("methods lists every method with its meaning, options and defaults", () => {
  const { stdout, stderr } = succeed(tmpdir(), "methods");
  assert.equal(stderr, "");
  const lines = stdout.trimEnd().split("\n");
  assert.equal(
    lines.length,
    methods.reduce((sum, { options }) => sum + 1 + Object.keys(options).length, 0),
  );
  for (const { id, label, meaning, options } of methods) {
    const at = lines.findIndex((line) => line.startsWith(`${id} `));
    assert.ok(lines[at].endsWith(`${meaning} (${label})`), lines[at]);
    Object.entries(options).forEach(([name, { help, default: value }], i) => {
      assert.ok(
        lines[at + 1 + i].startsWith(`  ${name}${value === null ? " " : "="}`) && lines[at + 1 + i].endsWith(` ${help}`),
        lines[at + 1 + i],
      );
    });
  }
  assert.match(stdout, /^ {2}weight=0\.333 +weight of background RoIs, 0 to 1$/m);
  assert.match(stdout, /^ {2}boxes=sampled +the N boxes of Eq\. \(5\).*, sampled or all$/m);
});

test("train and bench name the methods in their help", () => {
  for (const command of [["train"], ["bench", "step"]]) {
    const { stdout } = succeed(tmpdir(), ...command, "--help");
    for (const { id, label } of methods) assert.ok(stdout.includes(`\n  ${id.padEnd(18)}${label}\n`), `${id} in ${stdout}`);
  }
});

test("a method with options is one step like any other", () => {
  const step = ["bench", "step", "--backbone", "resnet18", "--size", "32", "--threads", "1", "--boxes", "2", "--steps", "1"];
  for (const method of ["bde:boxes=all,rpn=true", "nnpu", "shuffled-energy:rpn=true", "brl:doubt=1/2"])
    assert.ok(JSON.parse(succeed(tmpdir(), ...step, "--json", "--method", method).stdout).seconds > 0);
});
