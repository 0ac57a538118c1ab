// The parts of a training loss. A method may add parts of its own, so records hold any set of names; the four parts of Faster
// R-CNN have labels, further ones are shown by their names.

import { reservedKeys } from "./run-log.ts";

/** Mean losses of a stretch of a training: the number of its last step, and each part's mean by its name. */
export interface LossStretch {
  readonly step: number;
  readonly [part: string]: number;
}

const labels: ReadonlyMap<string, string> = new Map([
  ["loss", "whole loss"],
  ["rpnClass", "first stage: class"],
  ["rpnBox", "first stage: box"],
  ["roiClass", "second stage: class"],
  ["roiBox", "second stage: box"],
]);

const others: ReadonlySet<string> = new Set(reservedKeys);

/** The label of a part, or of `loss`, which is all of them together. */
export const lossLabel = (part: string): string => labels.get(part) ?? part;

/** The names of the parts of any of the entries, in the order in which they first appear. */
export const lossParts = (entries: readonly object[]): string[] =>
  [...new Set(entries.flatMap((entry) => Object.keys(entry)))].filter((key) => !others.has(key));

/** The sum of an entry's parts. */
export const wholeLoss = (entry: LossStretch): number => lossParts([entry]).reduce((sum, part) => sum + entry[part], 0);
