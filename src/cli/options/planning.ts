// From the options of `plan` and `train` to a plan and a configuration: what a rule chooses, what a file or an option says instead,
// the first weights, and the number of steps that the budget allows.

import { resolve } from "node:path";

import { UserError } from "../../errors.ts";
import { isObject } from "../../files/json/value.ts";
import type { Plan } from "../../plan/plan.ts";
import type { SomeOf } from "../../settings/declarations.ts";
import type { DetectorConfig, Resolution } from "../../settings/detector.ts";
import { type PlannedSettings, plannedSettings } from "../../settings/planned.ts";
import { type TrainConfig, trainingSettings } from "../../settings/training.ts";
import { weightsChoices } from "../../settings/weights.ts";
import { type PlanOptions, planOptionSettings } from "./plan-options.ts";
import { givenSettings } from "./settings.ts";

/** What is given, and what the weights ask of the detector where that says nothing and the plan says otherwise. */
function shapedBy(shape: SomeOf<DetectorConfig>, given: SomeOf<PlannedSettings>, plan: PlannedSettings): SomeOf<PlannedSettings> {
  const { backbone, rpn, roi } = unlike(shape, plan.detector) as SomeOf<DetectorConfig>;
  const { detector } = given;
  return {
    ...given,
    detector: {
      ...(backbone && { backbone }),
      ...detector,
      rpn: { ...rpn, ...detector?.rpn },
      roi: { ...roi, ...detector?.roi },
    },
  };
}

const unlike = (wanted: object, present: object): object =>
  Object.fromEntries(
    Object.entries(wanted).flatMap(([name, value]) => {
      const other = (present as { readonly [name: string]: object })[name];
      if (isObject(value)) return [[name, unlike(value, other)]];
      return value === other ? [] : [[name, value]];
    }),
  );

const FIRST_WEIGHTS = "first weights";

export interface Planned {
  readonly plan: Plan;
  readonly config: TrainConfig;
}

/**
 * The plan for a dataset and the configuration that it makes. Fetches weights where necessary, and times a few steps unless the
 * number of steps is given. Throws a UserError for a dataset that cannot be learned from, a plan that is damaged, options that
 * contradict each other, weights that are not to be had. Null when `stopping` ended a download.
 */
export async function planFor(dir: string, options: PlanOptions, stopping?: AbortSignal): Promise<Planned | null> {
  const [
    { readDataset },
    { fingerprint },
    plans,
    { chosenDtype },
    { runConfig },
    { runtime },
    { measuredPace },
    { readPlan },
    run,
    { weightsFromCommandLine },
  ] = await Promise.all([
    import("../../data/dataset-folder.ts"),
    import("../../plan/fingerprint.ts"),
    import("../../plan/plan.ts"),
    import("../../detector/dtype.ts"),
    import("../../train/run-config.ts"),
    import("@sparsecell/torch"),
    import("../../train/pace.ts"),
    import("../../plan/plan-file.ts"),
    import("../../train/run.ts"),
    import("./weights.ts"),
  ]);
  const dataset = readDataset(dir);
  run.requireTrainable(dataset);
  const {
    weights: which,
    acceptLicense = false,
    anchors,
    ...others
  } = givenSettings(planOptionSettings, options) as SomeOf<TrainConfig> & {
    anchors?: "data" | "standard";
    acceptLicense?: boolean;
  };
  const { device = "cpu", processes = 1, threads = Math.max(1, Math.floor(runtime().threads / processes)) } = others;
  const method = options.method === undefined ? {} : { method: options.method };
  const given = plannedOf({ ...others, ...method, ...(anchors === "standard" ? { anchors: standardAnchors } : {}) });
  const facts = await fingerprint(dataset);
  const planMachine = { device, budget: options.budget };
  const chosen = options.plan === undefined ? plans.planOf(facts, planMachine) : readPlan(options.plan, facts);
  const resolved = withResolution(given, chosen.settings, options, facts);
  const first = await weightsFromCommandLine({
    which: which ?? weightsChoices.weights.default,
    plannedBackbone: chosen.settings.detector.backbone,
    givenBackbone: given.detector?.backbone,
    acceptLicense,
    signal: stopping,
  });
  if (first === null) return null;
  const choices = chosen.choices.filter(({ what }) => what !== FIRST_WEIGHTS); // of a plan in a file, perhaps of another machine
  let plan = plans.withChoice(plans.withGiven(facts, choices, shapedBy(first.shape, resolved, chosen.settings)), {
    what: FIRST_WEIGHTS,
    chosen: first.chosen,
    reason: first.reason,
    settings: {},
  });
  const configOf = (): TrainConfig => {
    const { method: name, dtype, ...shared } = plan.settings;
    const fromNormalization = first.normalization === "group-norm" ? 5 : shared.trainableLayers; // random ones, or a model's of random ones
    const trainableLayers = others.detector?.trainableLayers ?? fromNormalization;
    return runConfig(
      dataset,
      { ...shared, dtype: chosenDtype({ device, dtype }), trainableLayers },
      {
        ...trainingOnly(others),
        data: resolve(dir),
        test: others.test ? resolve(others.test) : null,
        method: name,
        seed: others.seed ?? trainingSettings.seed.default,
        ...first.settings,
        device,
        threads,
        checkpointEvery: others.checkpointEvery ?? Math.max(1, Math.ceil(plan.settings.steps / 10)),
      },
    );
  };
  if (given.steps === undefined && !chosen.choices.some(({ settings }) => settings.steps !== undefined))
    plan = plans.withChoice(plan, plans.stepsFor(options.budget, await measuredPace(dataset, configOf()), plan.settings));
  return { plan, config: configOf() };
}

const standardAnchors = { sizes: [[32], [64], [128], [256], [512]], aspectRatios: [0.5, 1, 2] };

/** Of all that is given what a plan decides on; an input of a given size is a square. */
function plannedOf(given: { readonly [name: string]: unknown }): SomeOf<PlannedSettings> {
  const mine = Object.fromEntries(Object.entries(given).filter(([name]) => name in plannedSettings)) as SomeOf<PlannedSettings>;
  const input = mine.detector?.input;
  if (!input) return mine;
  return {
    ...mine,
    detector: { ...mine.detector, input: { kind: "stretch", size: 800, ...input } as PlannedSettings["detector"]["input"] },
  };
}

function trainingOnly(given: { readonly [name: string]: unknown }): object {
  const { detector, ...others } = given;
  return Object.fromEntries(Object.entries(others).filter(([name]) => !(name in plannedSettings) && name in trainingSettings));
}

/** --window, --mpp and --scale change the resolution that was chosen. */
function withResolution(
  given: SomeOf<PlannedSettings>,
  { detector }: PlannedSettings,
  { window, mpp, scale }: PlanOptions,
  facts: { readonly scaled: number },
): SomeOf<PlannedSettings> {
  if (window === undefined && mpp === undefined && scale === undefined) return given;
  if (given.detector?.input || detector.input.kind !== "resolution")
    throw new UserError("--window, --mpp and --scale choose a working resolution; leave out --input-size and --resize");
  if (mpp !== undefined && facts.scaled === 0)
    throw new UserError("--mpp: no training image says its microns per pixel; give --scale, or import the images with --mpp");
  const input: Resolution = {
    ...detector.input,
    ...(window === undefined ? {} : { window }),
    ...(mpp === undefined ? {} : { mpp }),
    ...(scale === undefined ? {} : { scale }),
  };
  return { ...given, detector: { ...given.detector, input } };
}
