// `sparsecell bench`: how fast this machine is, on random pixels; beside torchvision where it is installed.

import { Argument, Command, Option } from "commander";
import { type BenchOptions, benchSettings } from "../../bench/bench-options.ts";
import type { Part, PartName } from "../../bench/parts.ts";
import { machine } from "../../settings/machine.ts";
import { settingOptions } from "../options/settings.ts";
import { whole } from "../options/values.ts";
import { METHODS, methodOption } from "./methods.ts";

interface Options extends BenchOptions {
  readonly threads?: number;
  readonly against?: "torchvision";
  readonly python: string;
  readonly rounds: number;
  readonly profile?: string;
  readonly json?: true;
}

const NAMES = [
  "step",
  "detect",
  "roi-align",
  "nms",
  "bde",
  "energies",
  "evaluation",
  "loading",
] as const satisfies readonly PartName[];

const EXAMPLE = `${METHODS}
Each part runs in a separate process; with --against it takes turns with torchvision's, on as many threads, --rounds times.

Example:
  $ npx sparsecell bench
  $ npx sparsecell bench step detect roi-align nms --against torchvision --rounds 3
  $ npx sparsecell bench step --dtype bfloat16 --profile step.svg`;

export function benchCommand(): Command {
  const command = new Command("bench")
    .description("time this machine: training step, detection, and the parts of both")
    .addArgument(new Argument("[part...]", "what to time (default: all)").choices(NAMES))
    .addOption(methodOption(benchSettings.method.default));
  for (const option of settingOptions({ ...benchSettings, threads: machine.threads })) command.addOption(option);
  return command
    .addOption(new Option("--against <peer>", "also time the peer").choices(["torchvision"]))
    .option("--python <file>", "the Python that has torchvision", "/usr/bin/python3")
    .option("--rounds <n>", "how often to repeat everything, each time in new processes", whole(1), 1)
    .option("--profile <file.svg>", "for one part: where its time goes, operator by operator, as a table and a picture")
    .option("--json", "print one JSON object: seconds (median), all, peakMiB (of the process)")
    .addHelpText("after", EXAMPLE)
    .action(bench);
}

async function bench(names: PartName[], options: Options): Promise<void> {
  if (names.length === 1 && options.rounds === 1 && !options.against) return benchHere(names[0], options);
  const { UserError } = await import("../../errors.ts");
  if (options.profile) throw new UserError("bench: --profile takes exactly one part: bench step --profile step.svg");
  const [{ inTurns }, { roundsTable, roundsJson }] = await Promise.all([
    import("../../bench/in-turns.ts"),
    import("../../bench/rounds.ts"),
  ]);
  const { threads, against, python, rounds, json } = options;
  const results = await inTurns({ names: names.length > 0 ? names : NAMES, options, threads, against, python, rounds });
  console.log(json ? roundsJson(results) : roundsTable(results, options));
}

async function benchHere(name: PartName, options: Options): Promise<void> {
  const [{ prepareMachine }, { parts }, { runtime }] = await Promise.all([
    import("../prepare-machine.ts"),
    import("../../bench/parts.ts"),
    import("@sparsecell/torch"),
  ]);
  prepareMachine(options);
  if (options.profile) return profileHere(name, options, options.profile);
  const timing = await parts[name].time(options);
  const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  if (options.json) {
    const { threads, version } = runtime();
    console.log(JSON.stringify({ part: name, ...timing, peakMiB, threads, libtorch: version }));
    return;
  }
  const { inSeconds } = await import("../../bench/rounds.ts");
  const [fastest, slowest] = [Math.min(...timing.all), Math.max(...timing.all)];
  console.log(
    `${parts[name].label(options)}: ${inSeconds(timing.seconds)} (median of ${timing.all.length}; ${inSeconds(fastest)} to ${inSeconds(slowest)}), peak ${peakMiB} MiB`,
  );
}

async function profileHere(name: PartName, options: Options, file: string): Promise<void> {
  const [{ parts }, { machineRate }, { profiled }, { UserError }, { profileFigure, profileTable }, { writeFileAtomic }] =
    await Promise.all([
      import("../../bench/parts.ts"),
      import("../../bench/machine-rate.ts"),
      import("../../bench/operator-profile.ts"),
      import("../../errors.ts"),
      import("../../report/profile/operator-profile.ts"),
      import("../../files/atomic-write.ts"),
    ]);
  const part: Part = parts[name];
  if (!part.body) throw new UserError(`bench: ${name} uses no operators of libtorch; profile step or detect`);
  const profile = profiled(part.body(options), await machineRate(options));
  writeFileAtomic(file, await profileFigure(profile, part.label(options)));
  console.log(options.json ? JSON.stringify(profile) : profileTable(profile, part.label(options)));
  if (!options.json) console.log(`picture: ${file}`);
}
