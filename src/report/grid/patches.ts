// The same held-out patches by method (the paper's Figure 7): found, missed, wrong at score 0.6. Sections of the first images of
// the first test groups, where most cells are; nothing is picked by how a method did.

import { existsSync } from "node:fs";
import sharp from "sharp";
import { readCocoDetections } from "../../data/coco/evaluation-files.ts";
import type { Dataset, DatasetImage } from "../../data/dataset.ts";
import { readDataset } from "../../data/dataset-folder.ts";
import { readDatasetImage } from "../../data/dataset-image.ts";
import { findings } from "../../evaluate/findings.ts";
import { judged, type TrueCell, truthsOf } from "../../evaluate/truths.ts";
import type { Box } from "../../geometry/box.ts";
import type { ComparedPatch, PatchResult } from "../../runs/comparison.ts";
import type { Patches } from "../document/document.ts";
import { type GridRun, type GridRuns, type Keep, keepInWords, keepLabel, unitKey } from "./runs.ts";

/** As in the paper. */
const SCORE = 0.6;
const PATCHES = 2;
/** Pixels of a section's sides, where the image has as many. */
const SIDE = 480;
/** With more methods only the lowest rate is shown. */
const METHODS_AT_TWO_RATES = 6;

/** Null where no run has detections. Throws a UserError when the dataset or a file of detections cannot be read. */
export async function heldOutPatches(runs: GridRuns): Promise<Patches | null> {
  const chosen = chosenRuns(runs);
  if (chosen.length === 0) return null;
  const dataset = readDataset(runs.grid.data);
  const detections = chosen.map(({ detectionsFile }) => readCocoDetections(detectionsFile));
  const searched = new Set(detections[0].images?.map(({ id }) => id));
  const images = firstOfGroups(
    dataset.images.filter(({ id }) => searched.has(id)),
    dataset,
  );
  if (images.length === 0) return null;

  const names = chosen.map(({ unit }) => `${unit.method} ${unit.keep}`);
  const patches: ComparedPatch[] = [];
  for (const image of images) {
    const truths = truthsOf(dataset, [image.id]);
    const section = sectionOf(image, truths);
    const results = detections.map((found, i): PatchResult => {
      const all = findings(truths, judged(found.detections, dataset.images), { imageId: image.id, score: SCORE });
      const { inside, moved } = section;
      return {
        method: names[i],
        found: all.found
          .filter(({ truth }) => inside(truth.box))
          .map(({ detection: { box, score } }) => ({ box: moved(box), score })),
        missed: all.missed.filter(({ box }) => inside(box)).map(({ box }) => moved(box)),
        wrong: all.wrong.filter(({ box }) => inside(box)).map(({ box, score }) => ({ box: moved(box), score })),
      };
    });
    const { left, top, width, height } = section;
    const { data, ...size } = await readDatasetImage(dataset.dir, image);
    const jpeg = await sharp(data, { raw: { ...size, channels: 3 } })
      .extract({ left, top, width, height })
      .jpeg({ quality: 85 })
      .toBuffer();
    const own = truths.filter(({ box, ignore }) => !ignore && section.inside(box));
    patches.push({ name: image.fileName, width, height, image: jpeg, truths: own.map(({ box }) => section.moved(box)), results });
  }
  const label = (method: string) => runs.methods.find(({ name }) => name === method)?.label ?? method;
  const rates = [...new Set(chosen.map(({ unit }) => unit.keep))];
  const { fold, seed } = chosen[0].unit;
  return {
    file: "figure-7-patches",
    title: "The same held-out patches by method",
    caption: `Detections of a score of ${SCORE} or more, of detectors trained with ${rates.map(keepInWords).join(", and with ")} (fold ${fold + 1}, seed ${seed}). Sections of the first images of the first test groups, around most cells. In the manner of the paper’s Figure 7.`,
    methods: chosen.map(({ unit }, i) => ({ name: names[i], label: `${label(unit.method)}, ${keepLabel(unit.keep)}` })),
    columns: columnsOf(chosen.length / rates.length),
    patches,
  };
}

/** Pictures are large enough to look at, and a rate's fill whole rows where they can. */
const columnsOf = (methods: number): number => (methods <= 5 ? Math.max(1, Math.ceil(methods)) : methods === 6 ? 3 : 4);

/** Of the lowest and the highest rate each method's run on one fold and seed, the first that has most of them. */
function chosenRuns({ runs, keeps, methods }: GridRuns): GridRun[] {
  const shown: Keep[] = methods.length > METHODS_AT_TWO_RATES ? keeps.slice(0, 1) : [...new Set([keeps[0], ...keeps.slice(-1)])];
  const places = new Map<string, GridRun[]>();
  for (const run of runs) {
    if (!shown.includes(run.unit.keep) || !existsSync(run.detectionsFile)) continue;
    places.set(unitKey(run), [...(places.get(unitKey(run)) ?? []), run]);
  }
  const most = Math.max(0, ...[...places.values()].map(({ length }) => length));
  const place = [...places.values()].find(({ length }) => length === most) ?? [];
  const order = methods.map(({ name }) => name);
  return [...place].sort(
    (a, b) =>
      shown.indexOf(a.unit.keep) - shown.indexOf(b.unit.keep) || order.indexOf(a.unit.method) - order.indexOf(b.unit.method),
  );
}

/** The first image with a cell of each group, until there are enough. */
function firstOfGroups(images: readonly DatasetImage[], { annotations }: Dataset): DatasetImage[] {
  const withCells = new Set(annotations.map(({ imageId }) => imageId));
  const first = new Map<string, DatasetImage>();
  for (const image of images) if (withCells.has(image.id) && !first.has(image.group)) first.set(image.group, image);
  const others = images.filter((image) => withCells.has(image.id) && first.get(image.group) !== image);
  return [...first.values(), ...others].slice(0, PATCHES);
}

interface Section {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** By the box's centre. */
  readonly inside: (box: Box) => boolean;
  readonly moved: (box: Box) => Box;
}

/** The section around one of the cells that holds most of them. */
function sectionOf(image: DatasetImage, truths: readonly TrueCell[]): Section {
  const [width, height] = [Math.min(SIDE, image.width), Math.min(SIDE, image.height)];
  const centers = truths.map(({ box }) => boxCenter(box));
  const corner = (center: number, side: number, whole: number) =>
    Math.round(Math.min(Math.max(0, center - side / 2), whole - side));
  let [best, left, top] = [-1, 0, 0];
  for (const [cx, cy] of centers) {
    const [x, y] = [corner(cx, width, image.width), corner(cy, height, image.height)];
    const count = centers.filter((center) => within(center, x, y)).length;
    if (count > best) [best, left, top] = [count, x, y];
  }
  function within([cx, cy]: readonly [number, number], x: number, y: number): boolean {
    return cx >= x && cx < x + width && cy >= y && cy < y + height;
  }
  return {
    left,
    top,
    width,
    height,
    inside: (box) => within(boxCenter(box), left, top),
    moved: ([x1, y1, x2, y2]) => [x1 - left, y1 - top, x2 - left, y2 - top],
  };
}

const boxCenter = ([x1, y1, x2, y2]: Box): readonly [number, number] => [(x1 + x2) / 2, (y1 + y2) / 2];
