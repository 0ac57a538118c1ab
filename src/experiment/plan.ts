// From a protocol to a grid's folder: every mistake is found here, before the first training.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { requireBias } from "../data/bias/biases.ts";
import type { Dataset } from "../data/dataset.ts";
import { annotationsPath, readDataset } from "../data/dataset-folder.ts";
import { ONE_PER_IMAGE } from "../data/sparsify.ts";
import { foldOf } from "../data/split.ts";
import { synthesizeDataset } from "../data/synthetic/synthetic.ts";
import { chosenDtype } from "../detector/dtype.ts";
import { modelSettings } from "../detector/weights.ts";
import { UserError } from "../errors.ts";
import { trainingMethodNamed } from "../procedures/index.ts";
import type { GridResult, GridUnit } from "../runs/grid.ts";
import { datasetDigest, GridFolder } from "../runs/grid-folder.ts";
import { type GridSettings, settingLines } from "../settings/presets.ts";
import type { TrackerName } from "../tracking/names.ts";
import { trackersOf } from "../tracking/tracked.ts";
import { versions } from "../train/run.ts";
import { type PresetName, type Protocol, type Selection, unitsOf } from "./protocol.ts";

export interface PlanOptions {
  readonly protocol: Protocol;
  readonly preset: PresetName;
  readonly selection: Selection;
  /** The user's dataset; null when the protocol makes its own. */
  readonly data: string | null;
  readonly weights: string | null;
  readonly dir: string;
  /** Where the runs are computed. */
  readonly device: string;
  /** That made the grid, as the report repeats it. */
  readonly command: string;
  /** What follows each training; undefined: as the grid remembers. */
  readonly track?: readonly TrackerName[];
  readonly onImage?: (done: number, total: number) => void;
}

/** Starts or resumes a grid in `dir`; returns its selected units. Throws a UserError for whatever is wrong. */
export async function openGrid(options: PlanOptions): Promise<{ store: GridFolder; units: GridUnit[] }> {
  const { protocol, preset, weights, dir, command } = options;
  const units = selectedUnits(protocol, options.selection);
  const store = new GridFolder(dir);
  if (weights !== null && !existsSync(weights)) throw new UserError(`${weights}: no such file; check --weights`);
  const dataset = await completeDataset(options, store);
  const trainingOf = (fold: number) => foldOf(dataset, { folds: protocol.folds, fold, seed: protocol.splitSeed }).training;
  trainingOf(0); // what is wrong with the folds is wrong with each
  if (protocol.bias !== undefined)
    for (const fold of new Set(units.map(({ fold }) => fold))) requireBias(trainingOf(fold), protocol.bias);
  const train = settledSettings(options, store);
  store.open({
    name: protocol.name,
    title: protocol.title,
    paper: protocol.paper,
    preset,
    command,
    data: resolve(dataset.dir),
    folds: protocol.folds,
    splitSeed: protocol.splitSeed,
    keeps: [...new Set(units.map(({ keep }) => keep))],
    bias: protocol.bias,
    methods: [...new Set(units.map(({ method }) => method))],
    seeds: [...new Set(units.map(({ seed }) => seed))],
    settings: settingLines(train, weights, weights === null ? undefined : modelSettings(weights)?.normalization),
    versions: versions(),
    paperDataset: protocol.paperDataset,
    train,
    weights: weights === null ? null : resolve(weights),
    source: protocol.data.kind === "synthetic" ? protocol.data : null,
    dataDigest: datasetDigest(dataset.dir),
    wantedFolds: [...new Set(units.map(({ fold }) => fold))].sort((a, b) => a - b),
  });
  trackersOf(dir, options.track);
  return { store, units };
}

/** With `auto` settled: as the grid has it already, or else by the machine, so that all of its runs compute alike. */
function settledSettings({ protocol, preset, device }: PlanOptions, store: GridFolder): GridSettings {
  const settings = protocol.presets[preset];
  const { dtype } = settings;
  return { ...settings, dtype: dtype === "auto" && store.exists ? store.record().train.dtype : chosenDtype({ device, dtype }) };
}

/** The units of a selection, with their methods' full names. Throws a UserError for an unknown fold or method or a wrong rate. */
export function selectedUnits(protocol: Protocol, selection: Selection): GridUnit[] {
  for (const fold of selection.folds ?? [])
    if (fold >= protocol.folds)
      throw new UserError(`${protocol.name}: unknown fold ${fold}; expected 0 to ${protocol.folds - 1}`);
  const keeps = selection.keeps ?? protocol.keeps;
  for (const keep of keeps)
    if (keep !== "one-per-image" && !(keep > 0 && keep <= 1))
      throw new UserError(`${protocol.name}: expected a rate in (0, 1] or one-per-image, got ${keep}`);
  if (protocol.bias !== undefined && keeps.includes("one-per-image")) throw new UserError(`${protocol.name}: ${ONE_PER_IMAGE}`);
  const methods = (selection.methods ?? protocol.methods).map((method) => trainingMethodNamed(method).name);
  return unitsOf(protocol, { ...selection, methods });
}

async function completeDataset({ protocol, data, onImage }: PlanOptions, store: GridFolder): Promise<Dataset> {
  const source = protocol.data;
  if (source.kind === "folder") {
    if (data === null)
      throw new UserError(`${protocol.name}: missing dataset; pass its folder with --data; make one with: ${source.prepare}`);
    return readDataset(data);
  }
  if (data !== null) throw new UserError(`${protocol.name}: makes its own dataset; leave out --data`);
  if (existsSync(annotationsPath(store.datasetDir))) return readDataset(store.datasetDir);
  const { tissue: kind, images, width, height, boxSize, seed } = source;
  return synthesizeDataset({ kind, images, width, height, boxSize, seed, dir: store.datasetDir, onImage });
}

/** Seconds that `count` runs will take, `jobs` at a time, estimated from finished ones; null without any. */
export function secondsLeft(finished: readonly GridResult[], { count, jobs }: { count: number; jobs: number }): number | null {
  if (finished.length === 0) return null;
  const sorted = finished.map(({ totalSeconds }) => totalSeconds).sort((a, b) => a - b);
  return (sorted[sorted.length >> 1] * count) / Math.min(jobs, Math.max(1, count));
}
