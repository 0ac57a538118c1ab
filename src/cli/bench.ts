// `sparsecell bench`: how fast this machine is, on random pixels.

import { Command, Option } from "commander";
import type { StepTimeOptions } from "../experiment/step-time.ts";
import { METHODS, methodOption } from "./methods.ts";
import { whole } from "./option-values.ts";

interface StepOptions extends StepTimeOptions {
  readonly threads?: number;
  readonly json?: true;
}

const EXAMPLE = `${METHODS}
Example:
  $ npx sparsecell bench step --backbone resnet50 --size 800 --batch 1 --steps 5 --dtype float32 --json`;

export function benchCommand(): Command {
  const step = new Command("step")
    .description("time training steps: forward, backward, optimizer; everything trainable")
    .addOption(
      new Option("--backbone <name>", "ResNet below the feature pyramid")
        .choices(["resnet18", "resnet34", "resnet50", "resnet101"])
        .default("resnet50"),
    )
    .option("--size <pixels>", "side of the input", whole(32), 800)
    .option("--batch <n>", "images of a step", whole(1), 1)
    .option("--boxes <n>", "annotated boxes of an image, 32 pixels wide", whole(0), 100)
    .option("--steps <n>", "timed steps, after two for warm-up", whole(1), 5)
    .addOption(methodOption("fpn"))
    .addOption(new Option("--dtype <name>", "of activations").choices(["float32", "bfloat16"]).default("float32"))
    .option("--device <name>", "cpu, cuda or cuda:N", "cpu")
    .option("--threads <n>", "threads of libtorch (default: all cores)", whole(1))
    .option("--json", "print one JSON object: secondsPerStep (median), peakMiB (of the process)")
    .addHelpText("after", EXAMPLE)
    .action(async (options: StepOptions) => {
      const [{ prepareMachine }, { timeSteps }] = await Promise.all([
        import("./machine.ts"),
        import("../experiment/step-time.ts"),
      ]);
      prepareMachine(options);
      const result = timeSteps(options);
      const [fastest, slowest] = [Math.min(...result.seconds), Math.max(...result.seconds)];
      console.log(
        options.json
          ? JSON.stringify(result)
          : `${result.secondsPerStep.toFixed(3)} s a step (median of ${options.steps}; ${fastest.toFixed(3)} to ${slowest.toFixed(3)}), peak ${result.peakMiB} MiB`,
      );
    });
  return new Command("bench").description("time this machine").addCommand(step);
}
