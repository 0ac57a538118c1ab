// `sparsecell predict` on whole slides: where it searches, which files it writes, what it says.

import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Option } from "commander";
import type { TileChoice } from "../../detect/view-choice.ts";
import { UserError } from "../../errors.ts";
import { coarsestStride } from "../../settings/detector.ts";
import { areaText } from "../../slides/area-text.ts";
import type { Slide } from "../../slides/slide.ts";
import type { Tissue } from "../../slides/tissue.ts";
import type { SlideOutcome, SlidePrediction, SlideProgress } from "../../wsi/predict-slide.ts";
import type { ExecutorOptions } from "../options/executor.ts";
import { squareMillimetres } from "../options/hot-spot.ts";
import { requireOutFile } from "../options/out-file.ts";
import { type LoadedModel, loadedModel, type ModelOptions, modelFile } from "../options/prediction.ts";
import type { NamedSlide } from "../options/slide-paths.ts";
import { createProgress, type Progress } from "../terminal/progress.ts";
import { endWhenTimeIsUp } from "../terminal/time-up.ts";

/** Of `predict`, as far as slides need them. */
export interface SlideOptions {
  readonly out: string;
  readonly tile: TileChoice;
  readonly mpp?: number;
  readonly scale?: number;
  readonly regions?: string;
  readonly tissue: boolean;
  readonly format?: readonly string[];
  readonly overwrite?: boolean;
  readonly dropInvalid?: boolean;
  readonly only?: string;
  readonly jobs?: number;
  /** mm² */
  readonly hotSpot?: number;
}

/** How the names of files of cells end. */
export const cellFiles = [".geojson.gz", ".geojson", ".csv", ".parquet", ".json"];

export const slideOptions = (): Option[] => [
  new Option(
    "--regions <file>",
    "search slides only inside these annotations: GeoJSON of QuPath, or a folder with one for each slide",
  ),
  new Option("--no-tissue", "search slides everywhere, not only where there is tissue"),
  new Option("--format <names...>", "files of cells for each slide, in a folder (default: geojson.gz)").choices(
    cellFiles.map((extension) => extension.slice(1)),
  ),
  new Option("--hot-spot <area>", "area of the hot spot in the summary of a slide, such as 2mm2 (default: 2mm2)").argParser(
    squareMillimetres,
  ),
  new Option("--overwrite", "replace existing files of cells of slides"),
];

/** The slides among the paths; null where these are images. */
export async function slidesOf(paths: readonly string[], options: SlideOptions): Promise<readonly NamedSlide[] | null> {
  const { slidesAt } = await import("../options/slide-paths.ts");
  const isCells = cellFiles.some((extension) => extension !== ".json" && options.out.toLowerCase().endsWith(extension));
  const { regions, tissue, format, overwrite } = options;
  return slidesAt(paths, { always: isCells || regions !== undefined || !tissue || format !== undefined || overwrite === true });
}

/** A slide with what is to be done with it. */
interface Job extends NamedSlide {
  readonly regions: string | undefined;
  readonly files: readonly string[];
  /** In a folder only. */
  readonly settingsFile?: string;
  readonly settings: SlidePrediction["settings"];
}

interface WantedSlide {
  readonly slide: NamedSlide;
  readonly files: readonly string[];
}

/** `words`: of this command, as they were typed. */
export async function predictSlides(
  all: readonly NamedSlide[],
  options: SlideOptions & ModelOptions & ExecutorOptions,
  words: readonly string[],
): Promise<void> {
  const model = modelFile(options.model);
  const files = outFiles(all, options);
  if (options.executor === "slurm") {
    const { submitSlides } = await import("./submit-slides.ts");
    return submitSlides({ slides: all, files, words, options });
  }
  const { only } = options;
  const wanted = all.flatMap((slide, i) => (only === undefined || slide.stem === only ? [{ slide, files: files[i] }] : []));
  if (wanted.length === 0) throw new UserError(`--only ${only}: is not one of ${all.map(({ stem }) => stem).join(", ")}`);
  const time = endWhenTimeIsUp("predict: its time was up before the first row of windows; give it a longer --time");
  try {
    await searchSlides(wanted, { given: all.length, model, options, onRow: time.progressed });
  } finally {
    time.release();
  }
}

interface Search {
  /** How many slides there are, wanted or not. */
  readonly given: number;
  readonly model: string;
  readonly options: SlideOptions & ModelOptions;
  readonly onRow: () => void;
}

async function searchSlides(wanted: readonly WantedSlide[], { given, model, options, onRow }: Search): Promise<void> {
  const { openSlide } = await import("../../slides/open-slide.ts");
  const { isPredicted, predictSlide } = await import("../../wsi/predict-slide.ts");
  const { recommendationText } = await import("../../detector/recommended-score.ts");
  const window = windowOf(options.tile);
  const loaded = await loadedModel(model, options);
  const left: UserError[] = [];
  let cells = 0;
  const jobs = await jobsOf(wanted, given, { model, loaded, window, options, left });
  for (const [i, job] of jobs.entries()) {
    if (!options.overwrite && isPredicted(job)) {
      console.log(`${job.name}: is done already: ${job.files.join(", ")}`);
      continue;
    }
    const slide = await openSlide(job.file, { mpp: options.mpp });
    try {
      const { detector } = loaded;
      const shown = new SlideProgressLine(jobs.length > 1 ? `predict ${i + 1} of ${jobs.length}` : "predict");
      const { area, tissue } = await searchedPart(slide, job.regions, options);
      const outcome = await predictSlide({
        ...job,
        detector,
        slide,
        classes: detector.config.classes,
        area,
        tissue,
        scale: options.scale,
        window,
        overwrite: options.overwrite,
        onFound: job.settingsFile ? summaryWriter(job, slide, tissue, options) : undefined,
        onProgress: (progress) => shown.update(progress),
        onRow,
      });
      shown.finish();
      for (const line of notesOf(outcome, options)) console.error(`${job.name}: ${line}`);
      console.log(`${job.name}: ${outcome.cells} cells (${loaded.dtype} on ${loaded.device}): ${job.files.join(", ")}`);
      cells += outcome.cells;
    } finally {
      slide.close();
    }
  }
  if (left.length > 0) {
    console.error(`left out ${left.length} of ${wanted.length} slides:`);
    for (const { message } of left) console.error(`  ${message}`);
  }
  if (jobs.length === 0) throw new UserError("predict: no slide can be read; nothing was written");
  if (jobs.length > 1) console.log(`${cells} cells on ${jobs.length} slides`);
  if (loaded.recommendation) console.error(recommendationText(loaded.recommendation));
}

/** The files of each slide: the one that is named, or those of its folder. */
function outFiles(slides: readonly NamedSlide[], { out, format, regions }: SlideOptions & Partial<ModelOptions>): string[][] {
  const extension = cellFiles.find((end) => out.toLowerCase().endsWith(end));
  if (extension === undefined) {
    if (/\.[a-z][a-z0-9]{1,7}$/i.test(out) && !isFolder(out))
      throw new UserError(`${out}: expected a folder, or a name that ends with ${cellFiles.join(", ")}`);
    if (existsSync(out) && !isFolder(out))
      throw new UserError(`${out}: is a file; pass a folder, or a name that ends with ${cellFiles.join(", ")}`);
    const names = [...new Set(format ?? ["geojson.gz"])].map((end) => `cells.${end}`);
    return slides.map(({ stem }) => names.map((name) => join(out, stem, name)));
  }
  if (slides.length > 1)
    throw new UserError(`${out}: is one file for ${slides.length} slides; pass the name of a folder to --out`);
  if (format !== undefined) throw new UserError(`--format is for a folder; ${out} is a file, whose name says its format`);
  requireOutFile(out, [slides[0].file, ...(regions ? [regions] : [])]);
  return [[out]];
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function windowOf(tile: TileChoice): number | undefined {
  if (tile === "auto") return undefined;
  const least = 5 * coarsestStride;
  if (typeof tile === "object" && tile.width === tile.height && tile.width >= least)
    return Math.floor(tile.width / coarsestStride) * coarsestStride;
  throw new UserError(`--tile: expected one number of at least ${least} for slides, in pixels at the model's working resolution`);
}

interface JobOptions {
  readonly model: string;
  readonly loaded: LoadedModel;
  readonly window: number | undefined;
  readonly options: SlideOptions;
  /** Receives the faults of slides that are left out. */
  readonly left: UserError[];
}

/** Opens every slide once, so that a fault of the last is known before the first is searched. */
async function jobsOf(
  slides: readonly WantedSlide[],
  given: number,
  { model, loaded, window, options, left }: JobOptions,
): Promise<Job[]> {
  const { openSlide } = await import("../../slides/open-slide.ts");
  const { identityOf, sha256Of } = await import("../../files/sha256.ts");
  const { slideGrid } = await import("../../wsi/slide-grid.ts");
  const { everywhere } = await import("../../geometry/search-area.ts");
  const { readAnnotatedArea } = await import("../../formats/qupath/annotated-area.ts");
  const { score, maxDetections, device, dtype, detector } = loaded;
  const modelSha256 = await sha256Of(model);
  const jobs: Job[] = [];
  for (const { slide: named, files } of slides)
    try {
      const slide = await openSlide(named.file, { mpp: options.mpp });
      try {
        const regions = regionsFile(options.regions, named, given);
        const area = regions === undefined ? everywhere : readAnnotatedArea(regions, slide);
        slideGrid(slide, detector.config.input, area, { scale: options.scale, window });
        const settings = {
          "--model": modelSha256,
          slide: identityOf(named.file),
          "--score": score,
          "--max-detections": maxDetections,
          "--proposals": detector.config.rpn.postNmsTopN.test,
          "--device": device,
          "--dtype": dtype,
          "--tile": window ?? "auto",
          "--mpp": slide.mpp && [slide.mpp.x, slide.mpp.y],
          "--scale": options.scale ?? null,
          "--no-tissue": !options.tissue,
          "--regions": regions === undefined ? null : identityOf(regions),
        };
        const settingsFile = files[0] === options.out ? undefined : join(options.out, named.stem, "settings.json");
        jobs.push({ ...named, regions, files, settingsFile, settings });
      } finally {
        slide.close();
      }
    } catch (error) {
      if (!options.dropInvalid || !(error instanceof UserError)) throw error;
      left.push(error);
    }
  return jobs;
}

function regionsFile(regions: string | undefined, { file, stem }: NamedSlide, slides: number): string | undefined {
  if (regions === undefined) return undefined;
  if (!existsSync(regions)) throw new UserError(`${regions}: no such file or folder; check --regions`);
  if (!isFolder(regions)) {
    if (slides === 1) return regions;
    throw new UserError(`--regions ${regions}: is one file for ${slides} slides; pass a folder with a GeoJSON file for each`);
  }
  const name = file.split(/[\\/]/).at(-1) as string;
  const found = [`${stem}.geojson`, `${name}.geojson`, `${name.replace(/\.[^.]*$/, "")}.geojson`]
    .map((inside) => join(regions, inside))
    .find((path) => existsSync(path));
  if (found) return found;
  throw new UserError(`${regions}: has no regions for ${file}; expected ${name}.geojson`);
}

/** Where a slide is searched: in its tissue, inside of the annotations. */
async function searchedPart(slide: Slide, regions: string | undefined, { tissue: inTissue }: SlideOptions) {
  const { findTissue, wholeSlide } = await import("../../slides/tissue.ts");
  const { both, everywhere, polygonArea } = await import("../../geometry/search-area.ts");
  const { readAnnotatedArea } = await import("../../formats/qupath/annotated-area.ts");
  const found = inTissue ? await findTissue(slide) : wholeSlide(slide);
  if (found.regions.length === 0)
    throw new UserError(
      `${slide.path}: no tissue was found on it; search all of it with --no-tissue, or a part of it with --no-tissue and --regions`,
    );
  const area = inTissue ? polygonArea(found.regions) : everywhere;
  if (regions === undefined) return { tissue: found, area };
  const annotated = readAnnotatedArea(regions, slide);
  return { tissue: found.within(annotated), area: inTissue ? both(area, annotated) : annotated };
}

type Found = NonNullable<SlidePrediction["onFound"]>;

/** Writes the summary beside the cells, in a slide's folder. */
function summaryWriter(job: Job, slide: Slide, tissue: Tissue, { hotSpot, model, score }: SlideOptions & ModelOptions): Found {
  return async ({ classes, badTiles }, cells) => {
    const { SlideSummary } = await import("../../slides/summary.ts");
    const { writeSummaryPage } = await import("../../publish/slide-summary.ts");
    const summary = new SlideSummary({ slide, tissue, classes, hotSpotMm2: hotSpot });
    for (const { boxes, labels } of cells())
      for (const [k, label] of labels.entries())
        summary.add({
          x: (boxes[4 * k] + boxes[4 * k + 2]) / 2,
          y: (boxes[4 * k + 1] + boxes[4 * k + 3]) / 2,
          classIndex: label - 1,
        });
    const [page, json] = ["summary.html", "summary.json"].map((name) => join(dirname(job.files[0]), name));
    const facts = [
      { label: "model", value: model },
      { label: "least score", value: String(score) },
    ];
    await writeSummaryPage({ slide, tissue, summary, page, json, badTiles, facts });
  };
}

/** Begins when it is known how many tiles there are. */
class SlideProgressLine {
  readonly #label: string;
  #progress: Progress | null = null;

  constructor(label: string) {
    this.#label = label;
  }

  update({ windows, of, mm2, cells }: SlideProgress): void {
    this.#progress ??= createProgress({ label: this.#label, total: of, unit: "tile" });
    this.#progress.update(windows, {
      cells: String(cells),
      ...(mm2 === null ? {} : { "mm²": `${areaText(mm2.searched, mm2.of)} of ${areaText(mm2.of)}` }),
    });
  }

  finish(): void {
    this.#progress?.finish();
  }
}

function notesOf(outcome: SlideOutcome, { tile }: SlideOptions): string[] {
  const { badTiles, capped, proposalsCapped, windows, resumedRows } = outcome;
  const some = badTiles.slice(0, 3).join("; ");
  return [
    ...(resumedRows > 0 ? [`resumed after ${resumedRows} finished ${resumedRows === 1 ? "row" : "rows"} of windows`] : []),
    ...(badTiles.length > 0
      ? [`${badTiles.length} tiles cannot be decoded and were searched as white: ${some}${badTiles.length > 3 ? "; …" : ""}`]
      : []),
    ...(capped > 0 ? [`${capped} of ${windows} windows reached --max-detections; there are more cells`] : []),
    ...(proposalsCapped > 0
      ? [
          `${proposalsCapped} of ${windows} windows reached the limit of first-stage proposals; --proposals raises it${tile === "auto" ? ", --tile makes windows smaller" : ""}`,
        ]
      : []),
  ];
}
