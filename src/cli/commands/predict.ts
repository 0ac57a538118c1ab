// `sparsecell predict`: the cells on images, as COCO JSON with scores.

import { statSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import type { CocoImage, Detection } from "../../data/coco/evaluation-files.ts";
import { imagesOf } from "../../data/dataset.ts";
import { choiceLines, choiceOf, type PixelChoice } from "../../data/pixel-choice.ts";
import type { TileChoice } from "../../detect/view-choice.ts";
import { UserError } from "../../errors.ts";
import { type ExecutorOptions, executorOptions, requireExecutor } from "../options/executor.ts";
import { imagesAt, type NamedImage } from "../options/image-paths.ts";
import { requireOutFile } from "../options/out-file.ts";
import { type PixelOptions, pixelOptions } from "../options/pixels.ts";
import { limitOptions, loadedModel, type ModelOptions, modelFile, scoreOption } from "../options/prediction.ts";
import { parseSides, positive, whole } from "../options/values.ts";
import { FoundLines, isLines } from "./predict-lines.ts";
import { cellFiles, type SlideOptions, slideOptions } from "./predict-slides.ts";

/** Besides those of the settings. */
interface Options extends PixelOptions, ModelOptions, SlideOptions, ExecutorOptions {
  readonly data?: string;
  readonly split?: "train" | "test";
}

const EXAMPLE = `
The model is a run folder, a model.safetensors, or the state dict of a torchvision fasterrcnn_resnet50_fpn (.pth). A folder of
images is searched with its subfolders; the names of its images in the output are relative to it.

A model with a working resolution has every image at that: by its microns per pixel (--mpp, where the image does not say them),
else by the factor of the training images; --scale gives another factor. A large image is searched in windows of --tile pixels of
the network's input, 1024 unless given, which overlap and are merged.

Other models resize an image to the network's input, so the cells of an image larger than the training images appear smaller and
are missed. --tile auto searches an image whose cells would appear more than 1.5 times smaller in overlapping tiles of the training
images' size (in microns, where both are known), which a run folder records. --max-detections then limits each tile.

Whole slides (SVS, NDPI, MRXS, …, and TIFF with smaller copies) are searched in windows of 1536 pixels of the network's input,
unless --tile says otherwise; smaller ones take less memory and more time. The model needs a working resolution. A search that was
stopped goes on when the same command is given again. --out takes the cells of one slide, or a folder with a folder for each. An
existing file is not replaced, unless with --overwrite. --executor slurm submits the slides that are neither done nor in the queue;
\`status FOLDER\` says how far they are, \`cancel FOLDER\` takes them back.

--out FILE.jsonl gets a line for each image as soon as it is searched; a search that was stopped goes on there, too.

Example:
  $ npx sparsecell predict --model runs/bde --score 0.5 --out cells.json patch-1.png patch-2.png
  $ npx sparsecell predict --model runs/bde --out cells.json patches/
  $ npx sparsecell predict --model runs/bde --score auto --out cells.geojson.gz case1.svs
  $ npx sparsecell predict --model runs/bde --format geojson.gz parquet --out found/ slides/
  $ npx sparsecell predict --model runs/bde --data data/ki67 --split test --out detections.json`;

export function predictCommand(): Command {
  const command = new Command("predict")
    .description("find cells on images or whole slides")
    .argument("[images...]", "PNG, JPEG or TIFF files, whole slides, or folders of them")
    .requiredOption("--model <run|file>", "a run folder or a file of weights")
    .option("--data <dir>", "take the images of a dataset instead of files")
    .addOption(new Option("--split <name>", "with --data: only the images of this split").choices(["train", "test"]));
  for (const option of [scoreOption(), ...pixelOptions(), ...limitOptions()]) command.addOption(option);
  command
    .addOption(
      new Option("--tile <pixels>", "search images in tiles of this size: N, WxH, auto or off")
        .argParser(parseTile)
        .default("auto"),
    )
    .addOption(
      new Option("--mpp <microns>", "microns per pixel of the images (default: what a dataset says)").argParser(positive),
    )
    .addOption(new Option("--scale <factor>", "resize the images by this factor in place of the model's own").argParser(positive))
    .option("--drop-invalid", "leave out images that cannot be read; they are counted and named (default: stop at the first)");
  for (const option of [...slideOptions(), ...executorOptions("a slide")]) command.addOption(option);
  return command
    .option("--jobs <n>", "with --executor slurm: slides at a time (default: as many as it will)", whole(1))
    .option("--only <name>", "search only this one of the slides: the name of its folder in --out")
    .requiredOption("--out <file>", `COCO JSON to write, or .jsonl; of slides: ${cellFiles.join(", ")}, or a folder`)
    .addHelpText("after", EXAMPLE)
    .action(predict);
}

async function predict(paths: string[], options: Options, command: Command): Promise<void> {
  if (options.only === undefined) requireExecutor("predict", options);
  if (options.data === undefined && paths.length > 0) {
    const { slidesOf, predictSlides } = await import("./predict-slides.ts");
    const slides = await slidesOf(paths, options);
    if (slides) return predictSlides(slides, options, command.parent?.args ?? []);
  }
  if (options.only !== undefined) throw new UserError("predict: --only is for whole slides; leave it out");
  if (options.executor === "slurm") throw new UserError("predict: --executor slurm is for whole slides; leave it out");
  const [{ detectEach }, { detectionsOf }, { writeCocoDetections }, { createProgress }, { ViewChooser }, { recommendationText }] =
    await Promise.all([
      import("../../detect/each-image.ts"),
      import("../../detect/detections.ts"),
      import("../../data/coco/evaluation-files.ts"),
      import("../terminal/progress.ts"),
      import("../../detect/view-choice.ts"),
      import("../../detector/recommended-score.ts"),
    ]);
  const { readImage } = await import("../../data/image-file.ts");
  const { foreignNote } = await import("../../formats/other-kinds.ts");
  const { pixelsOf } = await import("../../detector/weights.ts");
  const { trainingScale } = await import("../../runs/training-scale.ts");
  let requested = await requestedImages(paths, options);
  const model = modelFile(options.model);
  const choice = options.data ? {} : { ...pixelsOf(model), ...choiceOf(options) };
  const pixels = new Map(requested.map((image) => [image.file, image.pixels ?? choice]));
  const inputs = requested.map(({ file }) => file);
  requireOutFile(options.out, [...inputs, model, ...(options.data ? [join(options.data, "annotations.json")] : [])]);
  const { detector, recommendation, maxDetections, device, dtype, score } = await loadedModel(model, options);
  const lines = isLines(options.out)
    ? await FoundLines.open(options.out, model, { score, classes: detector.config.classes })
    : null;
  if (lines) requested = requested.filter(({ name }) => !lines.done.has(name));
  const files = requested.map(({ file }) => file);
  const progress = createProgress({ label: "predict", total: files.length, unit: "image" });
  const categoryIds = detector.config.classes.map((_, i) => i + 1);
  const views = new ViewChooser({
    choice: options.tile,
    scale: options.scale,
    training: trainingScale(model),
    input: detector.config.input,
  });
  const mpps = new Map(requested.map(({ file, mpp }) => [file, options.mpp ?? mpp]));
  const names = new Map(requested.map(({ file, name }) => [file, name]));
  const unreadable: string[] = [];
  const images: CocoImage[] = [];
  const detections: Detection[] = [];
  let [cells, proposalsCapped] = [0, 0];
  for await (const found of detectEach(detector, files, (file) => readImage(file, pixels.get(file)), {
    viewOf: (file, image) => views.viewOf(file, { ...image, mpp: mpps.get(file) }),
    ...(options.dropInvalid ? { onUnreadable: (_file, { message }) => unreadable.push(message) } : {}),
  })) {
    const id = images.length + 1;
    const { width, height } = found;
    const name = names.get(found.source) as string;
    images.push({ id, fileName: name, width, height });
    const here = detectionsOf(found, { imageId: id, categoryIds });
    if (lines) lines.add({ name, width, height }, here);
    else for (const detection of here) detections.push(detection);
    cells += here.length;
    if (found.capped) progress.log(`${found.source}: reached --max-detections ${maxDetections}; there are more`);
    if (found.proposalsCapped) proposalsCapped++;
    progress.update(id + unreadable.length, { cells: String(cells) });
  }
  progress.finish();
  for (const line of choiceLines(requested.map(({ pixels = choice }) => ({ pixels })))) console.error(`pixels: ${line}`);
  for (const path of paths.filter((path) => statSync(path).isDirectory()))
    for (const note of foreignNote(path)) console.error(`${path}: ${note}`);
  for (const note of views.notes()) console.error(note);
  if (unreadable.length > 0) {
    console.error(`left out ${unreadable.length} of ${files.length} images:`);
    for (const fault of unreadable) console.error(`  ${fault}`);
  }
  if (images.length === 0 && files.length > 0) throw new UserError("predict: no image can be read; nothing was written");
  const { test: proposals } = detector.config.rpn.postNmsTopN;
  if (proposalsCapped > 0)
    console.error(
      `${proposalsCapped} of ${images.length} images reached the limit of ${proposals} first-stage proposals; --proposals raises it`,
    );
  if (!lines)
    writeCocoDetections(options.out, {
      images,
      categories: detector.config.classes.map((name, i) => ({ id: i + 1, name })),
      detections,
    });
  if (recommendation) console.error(recommendationText(recommendation));
  if (lines && lines.done.size > 0) console.error(`${lines.done.size} of ${inputs.length} images had been searched before`);
  console.log(`${cells} cells on ${images.length} images (${dtype} on ${device}): ${options.out}`);
}

interface RequestedImage extends NamedImage {
  /** Of a dataset's image: what it records. */
  readonly pixels?: PixelChoice;
}

async function requestedImages(
  paths: readonly string[],
  { data, split, dropInvalid = false, ...options }: Options,
): Promise<RequestedImage[]> {
  if (data) {
    if (Object.keys(choiceOf(options)).length > 0)
      throw new UserError("predict: --page, --channels and --range are for files; a dataset records how its images are read");
    if (paths.length > 0) throw new UserError("predict: pass images or --data, not both");
    const { imagePath, readDataset } = await import("../../data/dataset-folder.ts");
    const images = imagesOf(readDataset(data, { dropInvalid, onNote: console.error }), split);
    if (images.length === 0) throw new UserError(`${data}: has no images${split ? ` of the ${split} split` : ""}`);
    return images.map((image) => ({
      file: imagePath(data, image),
      name: image.fileName,
      mpp: image.mpp,
      pixels: image.pixels ?? {},
    }));
  }
  if (split) throw new UserError("predict: --split needs --data");
  if (paths.length === 0)
    throw new UserError("predict: missing images; pass files or folders, or --data with a dataset's folder");
  return imagesAt(paths);
}

function parseTile(text: string): TileChoice {
  return text === "auto" || text === "off" ? text : parseSides(text);
}
