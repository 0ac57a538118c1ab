// `sparsecell experiment --dry-run`: how many runs there are and how long they will take, estimated from those that are
// finished, or else from a training step on this machine.

import type { Protocol } from "../../../experiment/protocol.ts";
import { defaultsOf } from "../../../settings/declarations.ts";
import type { InputSize } from "../../../settings/detector.ts";
import type { Options } from "./options.ts";

export async function dryRun(protocol: Protocol, options: Options): Promise<void> {
  const [{ selectedUnits, secondsLeft }, { cores }, { GridFolder }, { formatDuration }] = await Promise.all([
    import("../../../experiment/plan.ts"),
    import("../../../experiment/run-grid.ts"),
    import("../../../runs/grid-folder.ts"),
    import("../../terminal/progress.ts"),
  ]);
  const { preset, jobs, out } = options;
  const units = selectedUnits(protocol, options);
  const store = out ? new GridFolder(out) : null;
  const finished = units.flatMap((unit) => store?.result(unit) ?? []);
  const count = units.length - finished.length;
  let seconds = secondsLeft(finished, { count, jobs });
  let how = "estimated from the finished runs";
  if (seconds === null) {
    const perStep = await secondsPerStep(protocol, options);
    seconds = (count * protocol.presets[preset].steps * perStep) / jobs;
    how = `${perStep.toFixed(2)} s per step on this machine, without evaluation`;
  }
  console.log(
    `${protocol.name}, preset ${preset}: ${units.length} runs, ${finished.length} finished; about ${formatDuration(seconds)} for the other ${count} (${how}; ${jobs} at a time on ${cores()} cores)`,
  );
}

/** Of the network's input. */
function inputSide(input: InputSize): number {
  if (input.kind === "resolution") return input.window;
  return input.kind === "shortest-edge" ? input.min : input.size;
}

/** Of a training of the preset, with 50 cells on each image. */
async function secondsPerStep(protocol: Protocol, { preset, jobs, device }: Options): Promise<number> {
  const [{ benchSettings }, { parts }, { chosenDtype }, { threadsOf }, { prepareMachine }] = await Promise.all([
    import("../../../bench/bench-options.ts"),
    import("../../../bench/parts.ts"),
    import("../../../detector/dtype.ts"),
    import("../../../experiment/run-grid.ts"),
    import("../../prepare-machine.ts"),
  ]);
  prepareMachine({ device, threads: threadsOf(jobs) });
  const { batch, dtype, detector } = protocol.presets[preset];
  const { seconds } = await parts.step.time({
    ...defaultsOf(benchSettings),
    backbone: detector.backbone,
    size: inputSide(detector.input),
    batch,
    boxes: 50,
    rois: detector.roi.batchSizePerImage,
    steps: 2,
    method: "bde",
    dtype: chosenDtype({ device, dtype }),
    device,
  });
  return seconds;
}
