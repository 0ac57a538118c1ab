// `--weights`: from what was asked for to a file, what it says of the detector, and words that say which it is.

import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { backboneIn, modelLicense, modelSettings } from "../detector/weights.ts";
import { UserError } from "../errors.ts";
import type { DownloadOptions } from "../files/download.ts";
import { sha256Of } from "../files/sha256.ts";
import type { SomeOf } from "../settings/declarations.ts";
import type { Backbone, DetectorConfig, NormalizationKind } from "../settings/detector.ts";
import type { TrainConfig } from "../settings/training.ts";
import { type PublishedName, publishedNames } from "../settings/weights.ts";
import {
  cachedFile,
  mirror,
  obtain,
  type PublishedWeights,
  pathologyBackbone,
  publishedWeights,
  WrongBytesError,
} from "./published-weights.ts";

export interface WeightsChoice extends Omit<DownloadOptions, "patience" | "onProgress"> {
  /** `auto`, `random`, one of `publishedNames`, a file or a run's folder. */
  readonly which: string;
  /** What the detector has unless the weights or the user say otherwise. */
  readonly plannedBackbone: Backbone;
  readonly givenBackbone?: Backbone;
  readonly acceptLicense: boolean;
  /** Of a download: the address. */
  readonly onProgress?: (address: string, bytes: number, total: number | null) => void;
  /** Seconds that a server may keep one waiting: for `auto`, and for what was asked for by name. */
  readonly patience?: { readonly auto: number; readonly named: number };
}

export interface ChosenWeights {
  /** What a run records of them. */
  readonly settings: Pick<TrainConfig, "weights" | "weightsName" | "weightsSha256" | "weightsLicense">;
  /** What the weights are for: the backbone, of a model of ours other shapes too. */
  readonly shape: SomeOf<DetectorConfig>;
  readonly normalization: NormalizationKind;
  /** For people: what, and where from or why. */
  readonly chosen: string;
  readonly reason: string;
}

const isPublished = (which: string): which is PublishedName => (publishedNames as readonly string[]).includes(which);
const random = (reason: string): ChosenWeights => ({
  settings: { weights: null, weightsName: null, weightsSha256: null, weightsLicense: null },
  shape: {},
  normalization: "group-norm",
  chosen: "random",
  reason,
});

/**
 * Throws a UserError when what was asked for is not to be had, is not what was published, or its licence was not accepted.
 * `published` looks weights up by their name.
 */
export async function chooseWeights(choice: WeightsChoice, published = publishedWeights): Promise<ChosenWeights> {
  const { which } = choice;
  if (which === "random") return random("given");
  if (which === "auto") return automatic(choice, published);
  return isPublished(which) ? named(which, choice, published) : fromFile(which);
}

/** ImageNet's where there are any for the backbone and they can be had; else random ones. */
async function automatic(choice: WeightsChoice, published: typeof publishedWeights): Promise<ChosenWeights> {
  const { plannedBackbone, givenBackbone = plannedBackbone, patience = PATIENCE, signal } = choice;
  mirror(); // a mistake in it is an error, not a reason for random weights
  try {
    return await fromPublisher(published("imagenet", givenBackbone), choice, patience.auto);
  } catch (error) {
    if (!(error instanceof UserError) || error instanceof WrongBytesError || signal?.aborted) throw error;
    return random(`ImageNet's are not to be had: ${error.message}`);
  }
}

async function named(which: PublishedName, choice: WeightsChoice, published: typeof publishedWeights): Promise<ChosenWeights> {
  const { plannedBackbone, givenBackbone, acceptLicense, patience = PATIENCE } = choice;
  const weights = published(which, givenBackbone ?? (which === "imagenet" ? plannedBackbone : pathologyBackbone));
  if (weights.license && !acceptLicense)
    throw new UserError(
      `--weights ${which}: these weights, and models trained from them, are for ${weights.license}; if you accept that, add --accept-license`,
    );
  return fromPublisher(weights, choice, patience.named);
}

const PATIENCE = { auto: 5, named: 20 };

async function fromPublisher(
  published: PublishedWeights,
  { onProgress, signal }: WeightsChoice,
  patience: number,
): Promise<ChosenWeights> {
  const { name, backbone, address, license } = published;
  const { file, sha256, fetched } = await obtain(published, {
    patience,
    signal,
    onProgress: (bytes, total) => onProgress?.(address, bytes, total),
  }).catch((error) => {
    if (!(error instanceof UserError) || error instanceof WrongBytesError || signal?.aborted) throw error;
    throw new UserError(`${error.message}; to use them all the same, save ${address} as ${cachedFile(published)}`);
  });
  return {
    settings: { weights: file, weightsName: name, weightsSha256: sha256, weightsLicense: license },
    shape: { backbone },
    normalization: "frozen-batch-norm",
    chosen: license ? `${name}, for ${license}` : name,
    reason: `${fetched ? `fetched from ${address} and kept as` : "from"} ${file}, SHA-256 ${sha256.slice(0, 16)}…`,
  };
}

/** A file as it is, or the model in a run's folder. */
async function fromFile(which: string): Promise<ChosenWeights> {
  if (!existsSync(which))
    throw new UserError(
      `${which}: no such file; --weights takes a file, a run's folder, auto, random, ${publishedNames.join(", ")}`,
    );
  const isFolder = statSync(which).isDirectory();
  const file = isFolder ? join(resolve(which), "model.safetensors") : resolve(which);
  if (isFolder && !existsSync(file))
    throw new UserError(`${which}: a folder without model.safetensors; pass a finished run or a file of weights`);
  const [license, model] = [modelLicense(file), modelSettings(file)];
  const sha256 = statSync(file).isFile() ? await sha256Of(file) : null; // what is no file is refused by its reader
  return {
    settings: { weights: file, weightsName: null, weightsSha256: sha256, weightsLicense: license },
    shape: model ? shapeOf(model) : { backbone: backboneIn(file) },
    normalization: model?.normalization ?? "frozen-batch-norm",
    chosen: license ? `${file}, for ${license}` : file,
    reason: model ? "given: all layers that fit" : "given: the backbone",
  };
}

/** Settings of detectors whose layers have the shapes of a model's. */
const shapeOf = ({ backbone, rpn, roi }: DetectorConfig): SomeOf<DetectorConfig> => ({
  backbone,
  rpn: { heads: rpn.heads },
  roi: { representationSize: roi.representationSize },
});
