// What `reproduce` does with each kind of run: compare what it was made of, train it again, compare what it came to.

import { existsSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { runtime } from "@sparsecell/torch";
import { readDataset } from "../../../data/dataset-folder.ts";
import { UserError } from "../../../errors.ts";
import { openGrid } from "../../../experiment/plan.ts";
import { loadProtocol } from "../../../experiment/protocol-file.ts";
import { lockFolder } from "../../../files/folder-lock.ts";
import { compareEndings, type Ending } from "../../../reproduce/ending.ts";
import { compareRecorded, type Found, locate } from "../../../reproduce/recorded.ts";
import { protocolOf, readResults, recordedEnding, settingDifferences } from "../../../reproduce/results-file.ts";
import { requireAgain, runAgain } from "../../../reproduce/run-again.ts";
import { compareRecordedUnit, recordHere, unitAgain, unitEnding, unitNamed } from "../../../reproduce/unit-again.ts";
import { type GridUnit, unitId } from "../../../runs/grid.ts";
import { GridFolder } from "../../../runs/grid-folder.ts";
import { RunFolder } from "../../../runs/run-folder.ts";
import type { LogEntry } from "../../../runs/run-log.ts";
import { prepareMachine } from "../../prepare-machine.ts";
import { createProgress } from "../../terminal/progress.ts";
import { trackStop } from "../../terminal/stop-signal.ts";
import { testImages } from "../evaluate-run.ts";

export interface Options {
  readonly data?: string;
  readonly test?: string;
  readonly weights?: string;
  readonly unit?: string;
  readonly tolerance: number;
  readonly check?: true;
  readonly out?: string;
}

export async function ofRun(run: RunFolder, options: Options): Promise<void> {
  const record = run.record();
  const { test = record.config.test } = options;
  const again = new RunFolder(outOf(run.dir, options));
  const config = { ...locate(record.config, options), test };
  prepareMachine(config);
  const dataset = readDataset(config.data);
  if (!mayGoOn(run.dir, await compareRecorded(run, { dataset, config }), options)) return;
  requireAgain(again, config);
  await training(again.dir, config.method, config.steps, options, async (watch) => {
    const endings = await runAgain({ run, again, config, dataset, test: await testImages(run, dataset, config), ...watch });
    return endings && [endings.then, endings.now];
  });
}

export async function ofUnit(store: GridFolder, unit: GridUnit, options: Options): Promise<void> {
  const { config } = store.run(unit).record();
  prepareMachine(config);
  const then = await unitEnding(store, unit);
  const dir = outOf(store.dir, options);
  const record = recordHere(store, options);
  if (!mayGoOn(unitId(unit), await compareRecordedUnit(store, record, unit), options)) return;
  const again = new GridFolder(dir);
  again.open(record);
  await trainUnit(again, unit, { ...options, device: config.device, threads: config.threads, then });
}

export async function ofResults(file: string, id: string, options: Options): Promise<void> {
  const results = readResults(file);
  if (!("grid" in results)) throw new UserError(`${file}: of a comparison; without --unit its command is printed`);
  const unit = unitNamed(
    results.runs.map(({ fold, keep, method, seed }) => ({ fold, keep, method, seed })),
    id,
    file,
  );
  const { grid } = results;
  const protocol = await loadProtocol(protocolOf(results));
  const { data = null, weights = null } = options;
  if (weights === null && results.settings.some(({ label, value }) => label === "first weights" && !value.startsWith("random")))
    throw new UserError(`${file}: its runs did not begin with random weights; pass their file with --weights`);
  const device = "cpu";
  prepareMachine({ device });
  for (const line of settingDifferences(results, protocol, weights)) console.error(line);
  console.error(
    `measured with version ${grid.versions.sparsecell} on libtorch ${grid.versions.libtorch}; no hashes were recorded`,
  );
  const selection = { folds: [unit.fold], keeps: [unit.keep], methods: [unit.method], seeds: [unit.seed] };
  const dir = outOf(join(dirname(file), grid.name), options);
  const { store } = await openGrid({
    protocol,
    preset: grid.preset,
    selection,
    data,
    weights,
    dir,
    device,
    command: grid.command,
  });
  const then = recordedEnding(results, unit);
  await trainUnit(store, unit, { ...options, device, threads: runtime().threads, then });
}

interface UnitTraining extends Options {
  readonly device: string;
  readonly threads: number;
  readonly then: Ending;
}

async function trainUnit(again: GridFolder, unit: GridUnit, { then, device, threads, ...options }: UnitTraining): Promise<void> {
  const { method } = unit;
  await training(again.run(unit).dir, method, again.record().train.steps, options, async (watch) => {
    const now = await unitAgain(again, unit, { device, threads, keepModels: true, ...watch });
    return now && [then, now];
  });
}

/** Throws a UserError when it is the folder itself: a run always equals itself. */
function outOf(dir: string, { out = `${resolve(dir)}-again` }: Options): string {
  if (existsSync(dir) && existsSync(out) && realpathSync(dir) === realpathSync(out))
    throw new UserError(`${out}: is what is to be repeated; pass another folder to --out`);
  return out;
}

/** Says what differs. Throws a UserError when it is what the run learned from. */
function mayGoOn(name: string, { inputs, surroundings }: Found, { check }: Options): boolean {
  for (const line of surroundings) console.error(line);
  if (inputs.length > 0) throw new UserError(`${name}: learned from something else: ${inputs.join("; ")}`);
  if (check)
    console.log(surroundings.length === 0 ? "all that the run was made of is here" : "what the run learned from is here");
  return !check;
}

interface Watch {
  readonly onStep: (entry: LogEntry) => void;
  readonly onNote: (line: string) => void;
  readonly shouldStop: () => boolean;
}

/** Trains under a lock and with progress, and prints the verdict. */
async function training(
  dir: string,
  label: string,
  total: number,
  { tolerance }: Options,
  train: (watch: Watch) => Promise<readonly [then: Ending, now: Ending] | null>,
): Promise<void> {
  const stop = trackStop();
  const unlock = lockFolder(dir);
  const progress = createProgress({ label, total });
  try {
    const endings = await train({
      onStep: ({ step, loss }) => progress.update(step, { loss: loss.toFixed(3) }),
      onNote: (line) => progress.log(line),
      shouldStop: () => stop.signal !== null,
    });
    progress.finish(endings === null ? `stopped; the same command resumes in ${dir}` : undefined);
    if (endings === null) {
      process.exitCode = stop.exitCode;
      return;
    }
    const { kind, lines } = compareEndings(...endings, tolerance);
    for (const line of lines) console.log(line);
    console.log(kind === "equal within tolerance" ? `${kind} (${tolerance})` : kind);
    if (kind === "different") process.exitCode = 1;
  } finally {
    stop.release();
    unlock();
  }
}
