// `--track`: what follows a training, or each of an experiment.

import { InvalidArgumentError } from "commander";
import { type TrackerName, trackerNames } from "../../tracking/names.ts";

export function parseTrackers(text: string): TrackerName[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !trackerNames.some((known) => known === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is unknown; it takes ${trackerNames.join(", ")}.`);
  return [...new Set(names as TrackerName[])];
}

/** Throws a UserError when one lacks what it needs from the environment. Long work asks this before it starts. */
export async function requireTrackers(names: readonly TrackerName[] = []): Promise<void> {
  if (!names.includes("mlflow")) return;
  const { addressOf } = await import("../../tracking/mlflow.ts");
  addressOf(process.env);
}
