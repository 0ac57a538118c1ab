// How many clicks the workbench's loop saves: a simulated annotator, who knows the truth, marks 20 cells, then answers 50 suspects a
// round through the workbench's suspects and queue. F1 on untouched test images by the number of clicks.
//
//   node experiments/clicks.mjs OUT [--data DIR] [--weights FILE] [--seeds 1,2,3] [--rounds 6] [--steps 250] [--arms queue,…]
//
// Arms: `sheet` (--arms sheet:FIRST:COUNT:PART: FIRST marks, then a round a sheet of COUNT suspects, drawn from PART (default: the
// workbench's) of as many as the scores say are cells; one click takes away each that is none, and one marks all the others), `queue` (the workbench's order, or another one: --arms queue:likely,queue:random; from the second round on the training is told
// how many of the cells are marked, as the answers say; queue:ORDER:counted lets it count by itself), `marks` (as many cells marked at random,
// trained the same way), `fpn` (the marks of `queue`, trained as if they were complete), `all` (everything marked). Without --data it
// draws Ki-67 tissue; a dataset must be completely annotated. Every training starts from the first weights and has the same number
// of steps, of the plan of a budget of one minute. --noise: how far clicks are off, in pixels (standard deviation; default: 0).
// --accept click: who accepts a suspect clicks on the middle of the cell, so that the mark is not the detection's box. OUT has a file for each training, so a second call does what is missing, and then
// clicks.json and clicks.svg. A training and its searches take about 70 s on one core: 3 seeds with 6 rounds are 60 of them.
//
// To reach: 95 % of the F1 of `all` with a fifth of its clicks, and fewer than half of the clicks of `marks`.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { prepareMachine } from "../dist/cli/prepare-machine.js";
import { readDataset } from "../dist/data/dataset-folder.js";
import { foldOf } from "../dist/data/split.js";
import { synthesizeDataset } from "../dist/data/synthetic/synthetic.js";
import { detectSplit } from "../dist/detect/dataset-split.js";
import { chosenDtype } from "../dist/detector/dtype.js";
import { iou } from "../dist/geometry/box.js";
import { fingerprint } from "../dist/plan/fingerprint.js";
import { planOf } from "../dist/plan/plan.js";
import { Random } from "../dist/random.js";
import { RunFolder } from "../dist/runs/run-folder.js";
import { runTraining } from "../dist/train/run.js";
import { runConfig } from "../dist/train/run-config.js";
import { estimateOf } from "../workbench/dist/rounds/estimate.js";
import { modelFacts } from "../workbench/dist/rounds/model-facts.js";
import { middlePart } from "../workbench/dist/rounds/places.js";
import { queueOf, usualOrder } from "../workbench/dist/rounds/queue.js";
import { cellsBySheets, sheetOf } from "../workbench/dist/rounds/sheet.js";
import { suspectsOn } from "../workbench/dist/rounds/suspects.js";
import { cellsCounted, methodTold, together } from "../workbench/dist/rounds/told.js";
import { clicksFigure, summaryOf } from "./clicks-summary.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string" },
    weights: { type: "string" },
    seeds: { type: "string", default: "1,2,3" },
    rounds: { type: "string", default: "6" },
    steps: { type: "string", default: "250" },
    arms: { type: "string", default: "queue,queue:random,marks,fpn,all" },
    images: { type: "string", default: "10" },
    start: { type: "string", default: "20" },
    answers: { type: "string", default: "50" },
    threads: { type: "string", default: "1" },
    noise: { type: "string", default: "0" },
    accept: { type: "string", default: "detection" },
  },
});
const [out] = positionals;
if (!out) throw new Error("expected OUT, a folder for the results");
const [rounds, steps, images, start, answers, threads] = ["rounds", "steps", "images", "start", "answers", "threads"].map(
  (name) => Number(values[name]),
);
const machine = { device: "cpu", budget: 60 };
const SCORE = 0.5; // what `completeness` calibrates: a plan of one minute recommends no other
prepareMachine({ device: "cpu", threads });
mkdirSync(join(out, "trainings"), { recursive: true });

const folder = values.data ? resolve(values.data) : join(resolve(out), "drawn");
if (!values.data && !existsSync(join(folder, "annotations.json")))
  await synthesizeDataset({ kind: "ki67", images: 32, width: 512, height: 512, seed: 1, dir: folder });
const complete = readDataset(folder);
const [category] = complete.categories.filter(({ negative }) => !negative);
const NEGATIVE = { id: Math.max(...complete.categories.map(({ id }) => id)) + 1, name: "not a cell", negative: true };

/** Of one fold, images to work on and images to test on. */
function tissueOf(seed) {
  const { training, test } = foldOf(complete, { folds: 3, fold: seed % 3, seed: 0 });
  const some = (half, split) => {
    const chosen = new Random(seed, 1).shuffled(half.images).slice(0, images);
    const ids = new Set(chosen.map(({ id }) => id));
    return {
      ...complete,
      images: chosen.map((image) => ({ ...image, split, regions: undefined })),
      annotations: half.annotations.filter(({ imageId, categoryId }) => ids.has(imageId) && categoryId === category.id),
    };
  };
  return { work: some(training, "train"), test: some(test, "test") };
}

/** What somebody has marked: cells, places that are none, places that nobody can tell. */
const nothingMarked = () => ({ cells: [], negatives: [], unsure: [] });

/** The marks as a dataset to learn from. */
function datasetOf({ work }, { cells, negatives, unsure }) {
  const all = [
    ...cells.map((mark) => [mark, category.id]),
    ...negatives.map(({ image, box }) => [{ image, box: middlePart(box) }, NEGATIVE.id]),
  ];
  return {
    ...work,
    categories: negatives.length === 0 ? [category] : [category, NEGATIVE],
    images: work.images.map((image) => {
      const here = unsure.filter((mark) => mark.image === image.id);
      return here.length === 0 ? image : { ...image, regions: here.map(({ box }) => ({ kind: "ignore", rings: [ringOf(box)] })) };
    }),
    annotations: all.map(([{ image, box }, categoryId], i) => ({ id: i + 1, imageId: image, categoryId, box, hidden: false })),
  };
}

const ringOf = ([x1, y1, x2, y2]) => [x1, y1, x2, y1, x2, y2, x1, y2];

/** Trains and searches the test images; and, for the next round, those to work on. */
async function trained(tissue, marks, { method, seed, search }) {
  const dir = mkdtempSync(join(tmpdir(), "clicks-"));
  const begun = performance.now();
  try {
    const dataset = datasetOf(tissue, marks);
    const facts = await fingerprint(dataset);
    const { method: _, dtype: asked, ...planned } = planOf(facts, machine, { steps, holdOut: 0 }).settings;
    const dtype = chosenDtype({ device: "cpu", dtype: asked });
    const config = runConfig(
      dataset,
      { ...planned, dtype, trainableLayers: values.weights ? planned.trainableLayers : 5 },
      {
        data: folder,
        method,
        seed,
        weights: values.weights ? resolve(values.weights) : null,
        partialWeights: values.weights !== undefined,
        device: "cpu",
        threads,
        checkpointEvery: steps,
      },
    );
    const run = new RunFolder(join(dir, "run"));
    await runTraining({ dataset, run, config, onStep: () => {}, onNote: () => {}, shouldStop: () => false });
    const { measures, evaluation } = await detectSplit({ dataset: tissue.test, split: "test", model: run.modelFile, dtype });
    const found = search
      ? (await detectSplit({ dataset: tissue.work, split: "train", model: run.modelFile, dtype })).detections
      : [];
    const half = measures.atScore.find(({ score }) => score === SCORE);
    return {
      f1: half.f1,
      precision: half.precision,
      recall: half.recall,
      bestF1: measures.bestF1,
      bestScore: measures.bestF1Score,
      ap: measures.apVoc,
      truths: evaluation.truths,
      byThreshold: measures.byThreshold,
      counted: modelFacts(run.modelFile).completeness,
      seconds: (performance.now() - begun) / 1000,
      found,
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** All suspects on all images, by the workbench's code. */
function suspectsAfter(tissue, marks, found, round) {
  const cellOf = (mark, classId) => ({ id: "", image: String(mark.image), box: mark.box, classId, from: "mark" });
  return tissue.work.images.flatMap(({ id }) => {
    const on = (list) => list.filter(({ image }) => image === id);
    return suspectsOn(
      {
        image: String(id),
        state: "marking",
        cells: [...on(marks.cells).map((mark) => cellOf(mark, "cell")), ...on(marks.negatives).map((mark) => cellOf(mark, null))],
        regions: on(marks.unsure).map(({ box }) => ({ kind: "ignore", ring: ringOf(box) })),
        detections: found.filter(({ imageId }) => imageId === id).map(({ box, score }) => ({ box, score, classId: "cell" })),
      },
      { round, score: SCORE },
    );
  });
}

/** What an annotator who knows the truth says: a cell that is not marked yet, none, or too far beside one to tell. */
function annotator(tissue, marks, seed = 0) {
  const byImage = Map.groupBy
    ? Map.groupBy(tissue.work.annotations, ({ imageId }) => imageId)
    : tissue.work.annotations.reduce((map, cell) => map.set(cell.imageId, [...(map.get(cell.imageId) ?? []), cell]), new Map());
  const taken = new Set(marks.cells.map(({ truth }) => truth));
  const look = ({ image, box }) => {
    const near = (byImage.get(Number(image)) ?? [])
      .map((cell) => ({ cell, iou: iou(cell.box, box) }))
      .filter(({ iou }) => iou >= 0.2)
      .sort((a, b) => b.iou - a.iou);
    const free = near.find(({ cell, iou }) => iou >= 0.4 && !taken.has(cell.id));
    return free ? { outcome: "cell", truth: free.cell.id, box: free.cell.box } : { outcome: near.length > 0 ? "unsure" : "not" };
  };
  return {
    look,
    answer(suspect) {
      const { outcome, truth, box: its } = look(suspect);
      if (truth !== undefined) taken.add(truth);
      const box = values.accept === "click" && its ? clicked(its, new Random(seed, 8, truth)) : suspect.box;
      return { outcome, mark: { image: Number(suspect.image), box, ...(truth !== undefined && { truth }) } };
    },
  };
}

/** The next answers, what they add to the marks, and what they say of the rest beside the truth. */
function answered(tissue, marks, queue, seed) {
  const person = annotator(tissue, marks, seed);
  const truth = annotator(tissue, marks); // before any answer
  const outcomes = new Map();
  const next = { cells: [...marks.cells], negatives: [...marks.negatives], unsure: [...marks.unsure] };
  for (const queued of queue.slice(0, answers)) {
    if (queued.suspect.kind === "denied") continue; // its marks are right
    const { outcome, mark } = person.answer(queued.suspect);
    outcomes.set(queued, outcome);
    next[{ cell: "cells", not: "negatives", unsure: "unsure" }[outcome]].push(mark);
  }
  const { precision, completeness, cells, advice } = estimateOf({
    queue,
    outcomeOf: (queued) => outcomes.get(queued) ?? null,
    marked: marks.cells.length,
    added: next.cells.length - marks.cells.length,
  });
  const seen = queue
    .filter(({ suspect }) => suspect.kind === "missing")
    .map(({ suspect }) => ({ suspect, ...truth.look(suspect) }));
  const count = seen.filter(({ suspect, outcome }) => suspect.score >= SCORE && outcome !== "unsure");
  const cellsSeen = new Set(seen.flatMap(({ truth: id }) => id ?? []));
  return {
    marks: next,
    answers: [...outcomes].map(([{ suspect, drawn }, outcome]) => ({ score: suspect.score, drawn, outcome })),
    estimate: { precision, completeness, cells, advice },
    truth: {
      precision: count.length === 0 ? null : count.filter(({ outcome }) => outcome === "cell").length / count.length,
      completeness: next.cells.length / (marks.cells.length + cellsSeen.size),
      completenessOfAll: next.cells.length / tissue.work.annotations.length,
    },
    suspects: queue.length,
  };
}

/** A file for each training: read if it is there, else made. */
async function kept(name, make) {
  const file = join(out, "trainings", `${name}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  const result = await make();
  writeFileSync(`${file}.new`, `${JSON.stringify(result)}\n`);
  renameSync(`${file}.new`, file);
  console.error(
    `${name}: ${result.clicks} clicks, F1 ${(100 * result.f1).toFixed(1)}, best ${(100 * result.bestF1).toFixed(1)}, ${result.seconds.toFixed(0)} s`,
  );
  return result;
}

/** A loop from the first marks: results of its rounds. */
async function loop(tissue, seed, order, isTold = true) {
  const name = isTold ? order : `${order}:counted`;
  const results = [];
  let marks = startOf(tissue, seed);
  const said = []; // of how many cells there are
  let method = "completeness";
  for (let round = 1; round <= rounds; round++) {
    const result = await kept(`${seed}-queue-${name.replace(":", "-")}-${round}`, async () => {
      const { found, ...measured } =
        round === 1 ? await firstTraining(tissue, seed, start) : await trained(tissue, marks, { method, seed, search: true });
      const suspects = suspectsAfter(tissue, marks, found, round);
      const after = answered(tissue, marks, queueOf(suspects, { score: SCORE, seed: 1000 * seed + round, order }), seed);
      return { seed, arm: `queue:${name}`, round, clicks: clicksOf(marks), method, before: marks, ...measured, after };
    });
    results.push(result);
    const marksBefore = marks.cells.length;
    marks = result.after.marks;
    if (round === 1 && result.counted) said.push(cellsCounted(marksBefore, result.counted));
    if (result.after.estimate.cells) said.push(result.after.estimate.cells);
    if (isTold) method = methodTold(marks.cells.length, together(said.filter((each) => each !== null))) ?? method;
  }
  return results;
}

/** A sheet a round, from `first` marks: a click takes away each that is no cell, and one marks all others. */
async function sheetLoop(tissue, seed, arm, { first, count, part }) {
  const results = [];
  let marks = startOf(tissue, seed, first);
  let [method, clicks] = ["completeness", first];
  const said = [];
  for (let round = 1; round <= rounds; round++) {
    const result = await kept(`${seed}-${arm.replaceAll(":", "-")}-${round}`, async () => {
      const { found, ...measured } =
        round === 1 ? await firstTraining(tissue, seed, first) : await trained(tissue, marks, { method, seed, search: true });
      const suspects = suspectsAfter(tissue, marks, found, round);
      const on = sheetOf(suspects, { count, part, seed: 1000 * seed + round });
      const person = annotator(tissue, marks, seed);
      const next = { cells: [...marks.cells], negatives: [...marks.negatives], unsure: [...marks.unsure] };
      for (const suspect of on) {
        const { outcome, mark } = person.answer(suspect);
        next[outcome === "cell" ? "cells" : "negatives"].push(mark); // what is clicked away is no cell in its middle
      }
      const cells = next.cells.length - marks.cells.length;
      const all = cellsBySheets(suspects, { on, cells, marks: marks.cells.length });
      const sheet = { marks: next, clicks: 1 + on.length - cells, cells, of: on.length, all };
      return { seed, arm, round, clicks, method, before: marks, ...measured, sheet };
    });
    results.push(result);
    const { sheet } = result;
    clicks += sheet.clicks;
    marks = sheet.marks;
    said.push(sheet.all);
    method = methodTold(marks.cells.length, together(said.filter((each) => each !== null))) ?? method;
  }
  return results;
}

const startOf = (tissue, seed, count = start) => ({ ...nothingMarked(), cells: firstMarks(tissue, seed, count) });

/** The same for all arms, with its detections. */
const firstTraining = (tissue, seed, count = start) =>
  kept(count === start ? `${seed}-first` : `${seed}-first-${count}`, async () => {
    const marks = startOf(tissue, seed, count);
    return { clicks: clicksOf(marks), ...(await trained(tissue, marks, { method: "completeness", seed, search: true })) };
  });

const clicksOf = ({ cells, negatives, unsure }) => cells.length + negatives.length + unsure.length;

/** Nobody clicks exactly on the middle: --noise is the standard deviation in pixels, along x and along y. */
function clicked([x1, y1, x2, y2], random) {
  const [dx, dy] = [random.normal(0, Number(values.noise)), random.normal(0, Number(values.noise))];
  return [x1 + dx, y1 + dy, x2 + dx, y2 + dy];
}

function firstMarks({ work }, seed, count) {
  const cells = new Random(seed, 7).shuffled(work.annotations).slice(0, count);
  return cells.map(({ id, imageId, box }) => ({ image: imageId, box: clicked(box, new Random(seed, 8, id)), truth: id }));
}

const results = [];
const arms = values.arms.split(",");
for (const seed of values.seeds.split(",").map(Number)) {
  const tissue = tissueOf(seed);
  const single = (arm, round, method, marks) =>
    kept(`${seed}-${arm}-${round}`, async () => {
      const { found: _, ...measured } =
        arm === "marks" && round === 1
          ? await firstTraining(tissue, seed)
          : await trained(tissue, marks, { method, seed, search: false });
      return { seed, arm, round, clicks: clicksOf(marks), ...measured };
    });
  for (const arm of arms) {
    if (arm === "all") {
      const marks = { ...nothingMarked(), cells: firstMarks(tissue, seed, Infinity) };
      results.push(await single(arm, 1, "fpn", marks));
    } else if (arm === "marks") {
      for (let round = 1; round <= rounds; round++) {
        const marks = { ...nothingMarked(), cells: firstMarks(tissue, seed, start + (round - 1) * answers) };
        results.push(await single(arm, round, "completeness", marks));
      }
    } else if (arm === "fpn") {
      for (const { round, before } of await loop(tissue, seed, usualOrder)) results.push(await single(arm, round, "fpn", before));
    } else if (arm.startsWith("sheet")) {
      const [, first = start, count = 48, part] = arm.split(":");
      const settings = { first: Number(first), count: Number(count), part: part && Number(part) };
      results.push(...(await sheetLoop(tissue, seed, arm, settings)));
    } else {
      const [, order = usualOrder, counted] = arm.split(":");
      results.push(...(await loop(tissue, seed, order, counted !== "counted")));
    }
  }
}

const summary = summaryOf(results, { data: values.data ? basename(folder) : "drawn Ki-67", steps, start, answers, images });
writeFileSync(join(out, "clicks.json"), `${JSON.stringify(summary, null, 1)}\n`);
writeFileSync(join(out, "clicks.svg"), await clicksFigure(summary));
for (const line of summary.lines) console.log(line);
