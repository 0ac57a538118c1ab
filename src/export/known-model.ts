// A model file and what is known of it: what its training wrote into it, and the record of its run, where it lies in one.

import { dirname } from "node:path";
import { modelSettings, safetensorsMetadata } from "../detector/weights.ts";
import { RunFolder, type RunRecord } from "../runs/run-folder.ts";
import type { DetectorConfig } from "../settings/detector.ts";
import { version } from "../version.ts";

export interface KnownModel {
  readonly file: string;
  /** Its run's; null where the file lies in no run folder. */
  readonly record: RunRecord | null;
  /** As its file has it. */
  readonly metadata: Readonly<Record<string, string | undefined>>;
}

export function knownModel(file: string): KnownModel {
  const run = new RunFolder(dirname(file));
  const isOfRun = run.exists && file === run.modelFile;
  return { file, record: isOfRun ? run.record() : null, metadata: modelSettings(file) === null ? {} : safetensorsMetadata(file) };
}

/** What goes with the weights into an exported file: what the model file has, and the plain facts, each a text. */
export function exportedMetadata({ record, metadata }: KnownModel, config: DetectorConfig): Record<string, string> {
  const { input, classes } = config;
  return {
    ...Object.fromEntries(Object.entries(metadata).flatMap(([key, text]) => (text === undefined ? [] : [[key, text]]))),
    sparsecell: JSON.stringify(config),
    "sparsecell.version": record?.versions.sparsecell ?? version,
    classes: JSON.stringify(classes),
    input: JSON.stringify(input),
    ...(input.kind === "resolution" && input.mpp !== null ? { mpp: String(input.mpp) } : {}),
    ...(record ? { method: record.config.method } : {}),
  };
}
