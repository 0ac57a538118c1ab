// Every setting with a flag is an option of the commands that take it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Command } from "commander";
import { benchSettings } from "../../bench/bench-options.ts";
import { type Declarations, settingsIn } from "../../settings/declarations.ts";
import { flag, number, oneOf, orNull, whole } from "../../settings/setting.ts";
import { trainChoices, trainingSettings } from "../../settings/training.ts";
import { benchCommand } from "../commands/bench.ts";
import { trainCommand } from "../commands/train.ts";
import { givenSettings, settingOptions } from "./settings.ts";

const commands: [Command, Declarations][] = [
  [trainCommand(), { ...trainingSettings, ...trainChoices }],
  [benchCommand(), benchSettings],
];

test("every declared flag is in the command's help, with what it means", () => {
  for (const [command, declarations] of commands) {
    const help = command.helpInformation().replace(/\s+/g, " ");
    const flagged = settingsIn(declarations).filter(({ setting }) => setting.flag);
    assert.ok(flagged.length > 5);
    for (const { setting } of flagged) assert.ok(help.includes(`${setting.flag} `) && help.includes(setting.about), setting.flag);
  }
});

const settings = {
  steps: whole(10, "how many", [1], { flag: "--steps <n>" }),
  limit: orNull(number(5, "at most", [0], { flag: "--limit <n>" }), "no limit"),
  mode: { kind: oneOf(["slow", "fast"], "how", { flag: "--how <kind>" }) },
  flips: flag(true, "random flips", { flag: "--no-flips" }),
  lenient: flag(false, "let it pass", { flag: "--lenient" }),
  silent: number(1, "without an option", [0, 1]),
};

function parse(...args: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  for (const option of settingOptions(settings)) command.addOption(option);
  command.parse(args, { from: "user" });
  return givenSettings(settings, command.opts());
}

test("options become values at their place in the settings", () => {
  assert.deepEqual(parse(), { steps: 10, mode: { kind: "slow" } }); // commander says true of --no-flips unasked
  assert.deepEqual(parse("--steps", "3", "--limit", "1/2", "--how", "fast", "--no-flips", "--lenient"), {
    steps: 3,
    limit: 0.5,
    mode: { kind: "fast" },
    flips: false,
    lenient: true,
  });
});

test("a wrong text is refused with what it must be", () => {
  assert.throws(() => parse("--steps", "0"), /'0' is invalid\. It must be a whole number of at least 1\./);
  assert.throws(() => parse("--steps", "2.5"), /It must be a whole number of at least 1\./);
  assert.throws(() => parse("--limit", ""), /It must be a number of at least 0\./);
  assert.throws(() => parse("--how", "no"), /Allowed choices are slow, fast\./);
  const help = settingOptions(settings).map(({ description }) => description);
  assert.deepEqual(help, ["how many", "at most (default: no limit)", "how", "without random flips", "let it pass"]);
});
