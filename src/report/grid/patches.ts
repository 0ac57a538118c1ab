// The same held-out patches by method (the paper's Figure 7): found, missed and wrong at score 0.6. They are sections of the first
// images of the first test groups, placed where most cells are, whatever the methods found there.

import { oneOfEachGroup } from "../../data/choose-images.ts";
import type { Dataset, DatasetImage } from "../../data/dataset.ts";
import { findings } from "../../evaluate/findings.ts";
import type { Detection } from "../../evaluate/matching.ts";
import { judged, type TrueCell, truthsOf } from "../../evaluate/truths.ts";
import type { Box } from "../../geometry/box.ts";
import type { ComparedPatch, PatchResult } from "../../runs/comparison.ts";
import { type GridUnit, keepText } from "../../runs/grid.ts";
import type { Patches } from "../document/document.ts";
import { type GridRun, type GridRuns, type Keep, keepInWords, unitKey } from "./runs.ts";

/** As in the paper. */
const SCORE = 0.6;
const PATCHES = 2;
/** Pixels of a section's sides, where the image has as many. */
const SIDE = 480;
/** With more methods only the lowest rate is shown. */
const METHODS_AT_TWO_RATES = 6;

/** A section of an image: what its picture shows. */
export interface Section {
  readonly image: DatasetImage;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Each method's run at the lowest and the highest rate, on the one fold and seed that has most of them. */
export function runsToShow({ runs, keeps, methods }: GridRuns, hasDetections: (unit: GridUnit) => boolean): GridRun[] {
  const shown: Keep[] = methods.length > METHODS_AT_TWO_RATES ? keeps.slice(0, 1) : [...new Set([keeps[0], ...keeps.slice(-1)])];
  const byUnit = new Map<string, GridRun[]>();
  for (const run of runs) {
    if (!shown.includes(run.unit.keep) || !hasDetections(run.unit)) continue;
    byUnit.set(unitKey(run), [...(byUnit.get(unitKey(run)) ?? []), run]);
  }
  const most = Math.max(0, ...[...byUnit.values()].map(({ length }) => length));
  const chosen = [...byUnit.values()].find(({ length }) => length === most) ?? [];
  const order = methods.map(({ name }) => name);
  return [...chosen].sort(
    (a, b) =>
      shown.indexOf(a.unit.keep) - shown.indexOf(b.unit.keep) || order.indexOf(a.unit.method) - order.indexOf(b.unit.method),
  );
}

/** The sections to show, of images in which the runs searched. */
export function sectionsToShow(dataset: Dataset, searched: ReadonlySet<number>): Section[] {
  const withCells = new Set(dataset.annotations.map(({ imageId }) => imageId));
  const images = dataset.images.filter(({ id }) => searched.has(id) && withCells.has(id));
  return oneOfEachGroup(images, PATCHES).map((image) => sectionOf(image, truthsOf(dataset, [image.id])));
}

export interface HeldOutPatches {
  readonly dataset: Dataset;
  /** Of `runsToShow`, with the detections of each. */
  readonly shown: readonly { readonly run: GridRun; readonly detections: readonly Detection[] }[];
  /** Of `sectionsToShow`, with the bytes of a JPEG or PNG of each. */
  readonly sections: readonly (Section & { readonly picture: Uint8Array })[];
}

export function heldOutPatches({ methods }: GridRuns, { dataset, shown, sections }: HeldOutPatches): Patches {
  const nameOf = ({ unit }: GridRun): string => `${unit.method} ${unit.keep}`;
  const labelOf = ({ unit }: GridRun): string => methods.find(({ name }) => name === unit.method)?.label ?? unit.method;
  const patches = sections.map((section): ComparedPatch => {
    const { image, width, height, picture } = section;
    const inside = ({ box }: { readonly box: Box }): boolean => contains(section, centre(box));
    const truths = truthsOf(dataset, [image.id]);
    const results = shown.map(({ run, detections }): PatchResult => {
      const { found, missed, wrong } = findings(truths, judged(detections, dataset.images), { imageId: image.id, score: SCORE });
      const scored = ({ box, score }: Detection) => ({ box: moved(section, box), score });
      return {
        method: nameOf(run),
        found: found.filter(({ truth }) => inside(truth)).map(({ detection }) => scored(detection)),
        missed: missed.filter(inside).map(({ box }) => moved(section, box)),
        wrong: wrong.filter(inside).map(scored),
      };
    });
    const cells = truths.filter((truth) => !truth.ignore && inside(truth));
    return { name: image.fileName, width, height, image: picture, truths: cells.map(({ box }) => moved(section, box)), results };
  });
  const rates = [...new Set(shown.map(({ run }) => run.unit.keep))];
  const { fold, seed } = shown[0].run.unit;
  return {
    file: "figure-7-patches",
    title: "The same held-out patches by method",
    caption: `Detections of a score of ${SCORE} or more, of detectors trained with ${rates.map(keepInWords).join(", and with ")} (fold ${fold + 1}, seed ${seed}). Sections of the first images of the first test groups, placed where most cells are. In the manner of the paper’s Figure 7.`,
    methods: shown.map(({ run }) => ({ name: nameOf(run), label: `${labelOf(run)}, ${keepText(run.unit.keep)}` })),
    columns: columnsFor(shown.length / rates.length),
    patches,
  };
}

/** Pictures are large enough to see cells, and those of a rate fill whole rows where they can. */
const columnsFor = (methods: number): number => (methods <= 5 ? Math.max(1, Math.ceil(methods)) : methods === 6 ? 3 : 4);

/** The section around one of the cells that holds most of them. */
function sectionOf(image: DatasetImage, truths: readonly TrueCell[]): Section {
  const [width, height] = [Math.min(SIDE, image.width), Math.min(SIDE, image.height)];
  const edge = (centre: number, side: number, whole: number) =>
    Math.round(Math.min(Math.max(0, centre - side / 2), whole - side));
  const centres = truths.map(({ box }) => centre(box));
  let [most, best]: [number, Section] = [-1, { image, left: 0, top: 0, width, height }];
  for (const [x, y] of centres) {
    const section = { image, left: edge(x, width, image.width), top: edge(y, height, image.height), width, height };
    const count = centres.filter((other) => contains(section, other)).length;
    if (count > most) [most, best] = [count, section];
  }
  return best;
}

const contains = ({ left, top, width, height }: Section, [x, y]: readonly [number, number]): boolean =>
  x >= left && x < left + width && y >= top && y < top + height;

const moved = ({ left, top }: Section, [x1, y1, x2, y2]: Box): Box => [x1 - left, y1 - top, x2 - left, y2 - top];

const centre = ([x1, y1, x2, y2]: Box): readonly [number, number] => [(x1 + x2) / 2, (y1 + y2) / 2];
