// The first weights of a training: what the command line asks for, and what config.json records of what was used.

import { flag, oneOf, orNull, text } from "./setting.ts";

/** Weights that others have published, by the names that `--weights` knows. */
export const publishedNames = ["imagenet", "pathology", "pathology:bt"] as const;
export type PublishedName = (typeof publishedNames)[number];

const since = <T>(before: T) => ({ since: { version: "0.5.0", before } });

export const weightsSettings = {
  weights: orNull(text("", "the file that the first weights come from"), "random"),
  partialWeights: flag(false, "accept a --weights file that lacks some layers", { flag: "--partial-weights" }),
  weightsName: orNull(oneOf(publishedNames, "the published weights that the file holds", since(null)), "none of them"),
  weightsSha256: orNull(text("", "SHA-256 of the file", since(null)), "not recorded"),
  weightsLicense: orNull(text("", "what the licence of the weights allows", since(null)), "no limit known"),
  weightsPart: oneOf(
    ["backbone", "detector"],
    "what is taken from the file: its backbone, or all layers that fit (of a model of sparsecell)",
    since("backbone"),
  ),
};

/** What `train` is asked for, in other words than the record's. */
export const weightsChoices = {
  weights: text(
    "auto",
    "first weights: imagenet, pathology or pathology:bt (research use only), random, auto (imagenet if it can be had, else random), or a file: a ResNet, a detector, or a run's folder",
    { flag: "--weights <which>" },
  ),
  acceptLicense: flag(false, "accept that weights are for research use only", { flag: "--accept-license" }),
};
