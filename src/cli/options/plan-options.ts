// The options with which `plan` and `train` make a plan: every setting of a training, the working resolution, the budget.

import { type Command, InvalidArgumentError, Option } from "commander";
import { settingsIn } from "../../settings/declarations.ts";
import { machine } from "../../settings/machine.ts";
import { plannedSettings } from "../../settings/planned.ts";
import { trainChoices, trainingSettings } from "../../settings/training.ts";
import { methodOption } from "../commands/methods.ts";
import { settingOption } from "./settings.ts";
import { positive, whole } from "./values.ts";

export const planOptionSettings = { ...trainingSettings, ...trainChoices };

/** Besides those of the settings. */
export interface PlanOptions {
  readonly method?: string;
  readonly budget: number;
  readonly plan?: string;
  readonly window?: number;
  readonly mpp?: number;
  readonly scale?: number;
  readonly processes?: number;
}

const planned = new Set(settingsIn(plannedSettings).map(({ path }) => path.join(".")));

export function addPlanOptions(command: Command): Command {
  command
    .addOption(new Option("--budget <time>", "time for the training: 15m, 2h, 90s").argParser(parseTime).default(900, "15m"))
    .option("--plan <file>", "a plan that plan --json wrote, perhaps edited")
    .addOption(methodOption());
  for (const { path, setting } of settingsIn(planOptionSettings)) {
    if (!setting.flag) continue;
    const auto = setting.auto ?? (planned.has(path.join(".")) ? "by the plan" : undefined);
    command.addOption(settingOption({ ...setting, auto }));
  }
  return command
    .addOption(
      new Option("--window <pixels>", "side of a training window, network pixels (default: by the plan)").argParser(
        whole(64, 8192),
      ),
    )
    .addOption(
      new Option("--mpp <microns>", "working resolution, microns per network pixel (default: by the plan)").argParser(positive),
    )
    .addOption(
      new Option(
        "--scale <factor>",
        "network pixels per image pixel, where images do not say microns (default: by the plan)",
      ).argParser(positive),
    );
}

/** Where the options compute. */
export function machineOf(options: PlanOptions): { readonly device: string; readonly threads?: number } {
  const { device = machine.device.default, threads } = options as { readonly device?: string; readonly threads?: number };
  return { device, threads };
}

/** Seconds. */
export function parseTime(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|min|h)$/.exec(text.trim());
  const seconds = match ? Number(match[1]) * ({ s: 1, m: 60, min: 60, h: 3600 } as { [unit: string]: number })[match[2]] : 0;
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError("It must be a time such as 15m, 2h or 90s.");
}
