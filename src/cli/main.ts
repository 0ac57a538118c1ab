// The command line: one file per command. Numbers for machines go to stdout, progress and notes to stderr. A UserError is
// one line and exit code 1; `--debug` adds the stack trace. After a signal the exit code is 128 and its number (stop-signal.ts).

import { Command, CommanderError } from "commander";
import { UserError } from "../errors.ts";
import { explainOutOfMemory } from "../out-of-memory.ts";
import { version } from "../version.ts";
import { benchCommand } from "./commands/bench.ts";
import { cancelCommand } from "./commands/cancel.ts";
import { compareCommand } from "./commands/compare.ts";
import { dataCommand } from "./commands/data.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand, setupCommand } from "./commands/doctor.ts";
import { elementCommand } from "./commands/element.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { experimentCommand } from "./commands/experiment.ts";
import { exportCommand } from "./commands/export.ts";
import { gradientsCommand } from "./commands/gradients.ts";
import { methodsCommand } from "./commands/methods.ts";
import { openCommand } from "./commands/open.ts";
import { planCommand } from "./commands/plan.ts";
import { predictCommand } from "./commands/predict.ts";
import { reportCommand } from "./commands/report.ts";
import { reproduceCommand } from "./commands/reproduce.ts";
import { runUnitCommand } from "./commands/run-unit.ts";
import { slidesCommand } from "./commands/slides.ts";
import { statusCommand } from "./commands/status.ts";
import { trainCommand } from "./commands/train.ts";
import { setUpAtFirstUse } from "./first-use.ts";

const EXAMPLE = `
Errors are one line on stderr and exit code 1; --debug adds the stack trace. "sparsecell COMMAND --help" has an example of each.

Example:
  $ npx sparsecell demo`;

/** Runs a command line without the program's name; returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const debug = args.includes("--debug");
  try {
    await program().parseAsync(
      args.filter((arg) => arg !== "--debug"),
      { from: "user" },
    );
    return Number(process.exitCode ?? 0);
  } catch (caught) {
    const error = explainOutOfMemory(caught, "the size of images or the number at a time");
    if (error instanceof CommanderError) {
      if (debug && error.exitCode !== 0) console.error(error.stack);
      return error.exitCode; // commander has said it
    }
    const message = error instanceof Error ? error.message : String(error);
    const known = error instanceof UserError;
    console.error(
      `sparsecell: ${known ? "" : "unexpected: "}${message.split("\n", 1)[0]}${known || debug ? "" : " (--debug shows where)"}`,
    );
    if (debug && error instanceof Error) console.error(error.stack);
    return 1;
  }
}

/** All commands; `docs/reference/commands.md` is made from it. */
export function program(): Command {
  const root = new Command("sparsecell")
    .description("Train cell detectors on sparse annotations: FPN with Boxes Density Energy")
    .version(version)
    .addHelpText("after", EXAMPLE);
  for (const command of [
    demoCommand(),
    openCommand(),
    dataCommand(),
    planCommand(),
    trainCommand(),
    predictCommand(),
    evaluateCommand(),
    compareCommand(),
    experimentCommand(),
    statusCommand(),
    cancelCommand(),
    reportCommand(),
    reproduceCommand(),
    exportCommand(),
    slidesCommand(),
    gradientsCommand(),
    methodsCommand(),
    benchCommand(),
    runUnitCommand(),
    elementCommand(run),
    doctorCommand(),
    setupCommand(),
  ])
    root.addCommand(command);
  quiet(root);
  root.hook("preAction", async (_, command) => {
    requireValues(command);
    await setUpAtFirstUse(command.name());
  });
  return root;
}

/** An empty value is a shell's variable that was not set, and must not mean the current folder or nothing at all. */
function requireValues(command: Command): void {
  const empty = command.options.find((option) => [command.getOptionValue(option.attributeName())].flat().includes(""));
  if (empty) throw new UserError(`option '${empty.flags}' is empty; pass a value or leave it out`);
  if (command.args.includes("")) throw new UserError("an argument is empty; pass a value or leave it out");
}

/** Makes commander throw instead of exiting, and say what is wrong in one line, at every level. */
function quiet(command: Command): void {
  command.exitOverride().configureOutput({
    outputError: (text, write) => {
      const line = text
        .trim()
        .replace(/^error: /, "")
        .replace(/\n\(Did you mean (.*)\)$/s, "; did you mean $1");
      write(`sparsecell: ${line.replace(/\.$/, "")}; see --help\n`);
    },
  });
  for (const child of command.commands) quiet(child);
}
