// The model of a prediction: its file, the options that change what it finds, and how it is loaded.

import { existsSync, statSync } from "node:fs";
import { Option } from "commander";
import type { Detector } from "../../detector/detector.ts";
import type { Recommendation } from "../../detector/recommended-score.ts";
import { UserError } from "../../errors.ts";
import { shellWord } from "../../files/shell-word.ts";
import { valuesWith } from "../../settings/declarations.ts";
import { type DetectorConfig, detectorSettings } from "../../settings/detector.ts";
import { type Dtype, dtypeChoice, machine } from "../../settings/machine.ts";
import { givenSettings, settingOptions } from "./settings.ts";
import { between } from "./values.ts";

const { detection, rpn } = detectorSettings;

const settings = {
  maxDetections: { ...detection.maxDetections, flag: "--max-detections <n>" },
  proposals: {
    ...rpn.postNmsTopN.test,
    about: "most first-stage proposals per image",
    flag: "--proposals <n>",
    auto: "as the model was trained, 1000",
  },
  ...machine,
  dtype: dtypeChoice,
};

export interface ModelOptions {
  /** A run folder or a file of weights. */
  readonly model: string;
  readonly score: number | "auto";
}

const parseScore = between(0, 1);

export const scoreOption = (): Option =>
  new Option("--score <number>", "least score of a detection; auto: the score that the model's training recommends")
    .argParser((text) => (text === "auto" ? text : parseScore(text)))
    .default(detection.scoreThreshold.default);

export const limitOptions = (): Option[] => settingOptions(settings);

/** Throws a UserError where there is none. */
export function modelFile(path: string, { remedy = "check --model" } = {}): string {
  if (!existsSync(path)) throw new UserError(`${path}: no such run folder or file; ${remedy}`);
  if (!statSync(path).isDirectory()) return path;
  const file = `${path}/model.safetensors`;
  if (!existsSync(file))
    throw new UserError(
      `${path}: has no model.safetensors; its training is not finished; resume with: npx sparsecell train --resume ${shellWord(path)}`,
    );
  return file;
}

export interface LoadedModel {
  readonly detector: Detector;
  readonly recommendation: Recommendation | null;
  readonly score: number;
  readonly maxDetections: number | null;
  readonly device: string;
  readonly dtype: Dtype;
}

/** Prepares the machine and loads the model, with the limits that the options give. */
export async function loadedModel(file: string, options: ModelOptions): Promise<LoadedModel> {
  const { prepareMachine } = await import("../prepare-machine.ts");
  const { chosenDtype } = await import("../../detector/dtype.ts");
  const { loadDetector } = await import("../../detector/weights.ts");
  const { recommendationOf } = await import("../../detector/recommended-score.ts");
  const given = givenSettings(settings, options);
  const { device, channelsLast, ...values } = valuesWith(settings, given);
  const recommendation = recommendationOf(file);
  const score = chosenScore(options, recommendation);
  prepareMachine({ device, threads: given.threads });
  const dtype = chosenDtype({ device, dtype: values.dtype });
  const { maxDetections } = values;
  const detector = loadDetector(file, {
    seed: 0,
    device,
    dtype,
    channelsLast,
    adjust: (config) => limited(config, { maxDetections, score, proposals: given.proposals }),
  });
  return { detector, recommendation, score, maxDetections, device, dtype };
}

function chosenScore({ score, model }: ModelOptions, recommendation: Recommendation | null): number {
  if (score !== "auto") return score;
  if (recommendation) return recommendation.score;
  throw new UserError(`--score auto: ${model} recommends no score; train with --hold-out 0.1, or pass a number`);
}

interface Limits {
  readonly score: number;
  readonly maxDetections: number | null;
  /** Undefined: as the model was trained. */
  readonly proposals?: number;
}

function limited(config: DetectorConfig, { score, maxDetections, proposals }: Limits): DetectorConfig {
  const { postNmsTopN } = config.rpn;
  return {
    ...config,
    detection: { ...config.detection, scoreThreshold: score, maxDetections },
    rpn: { ...config.rpn, postNmsTopN: { ...postNmsTopN, test: proposals ?? postNmsTopN.test } },
  };
}
