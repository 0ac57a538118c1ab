// `sparsecell predict`: the cells on images, as COCO JSON with scores.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import type { CocoImage, Detection } from "../../data/coco/evaluation-files.ts";
import { imagesOf } from "../../data/dataset.ts";
import { choiceLines, choiceOf, type PixelChoice } from "../../data/pixel-choice.ts";
import type { TileChoice } from "../../detect/view-choice.ts";
import type { Recommendation } from "../../detector/recommended-score.ts";
import { UserError } from "../../errors.ts";
import { shellWord } from "../../files/shell-word.ts";
import { valuesWith } from "../../settings/declarations.ts";
import { type DetectorConfig, detectorSettings } from "../../settings/detector.ts";
import { dtypeChoice, machine } from "../../settings/machine.ts";
import { imagesAt, type NamedImage } from "../options/image-paths.ts";
import { requireOutFile } from "../options/out-file.ts";
import { type PixelOptions, pixelOptions } from "../options/pixels.ts";
import { givenSettings, settingOptions } from "../options/settings.ts";
import { between, parseSides, positive } from "../options/values.ts";

const { detection, rpn } = detectorSettings;

const parseScore = between(0, 1);

const settings = {
  maxDetections: { ...detection.maxDetections, flag: "--max-detections <n>" },
  proposals: {
    ...rpn.postNmsTopN.test,
    about: "most first-stage proposals per image",
    flag: "--proposals <n>",
    auto: "as the model was trained, 1000",
  },
  ...machine,
  dtype: dtypeChoice,
};

/** Besides those of the settings. */
interface Options extends PixelOptions {
  readonly model: string;
  readonly score: number | "auto";
  readonly data?: string;
  readonly split?: "train" | "test";
  readonly tile: TileChoice;
  readonly mpp?: number;
  readonly scale?: number;
  readonly dropInvalid?: boolean;
  readonly out: string;
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

Example:
  $ npx sparsecell predict --model runs/bde --score 0.5 --out cells.json slide-1.png slide-2.png
  $ npx sparsecell predict --model runs/bde --out cells.json slides/
  $ npx sparsecell predict --model runs/bde --data data/ki67 --split test --out detections.json`;

export function predictCommand(): Command {
  const command = new Command("predict")
    .description("find cells on images; writes COCO JSON with scores")
    .argument("[images...]", "PNG, JPEG or TIFF files, or folders of them")
    .requiredOption("--model <run|file>", "a run folder or a file of weights")
    .option("--data <dir>", "take the images of a dataset instead of files")
    .addOption(new Option("--split <name>", "with --data: only the images of this split").choices(["train", "test"]));
  command.addOption(
    new Option("--score <number>", "least score of a detection; auto: the score that the model's training recommends")
      .argParser((text) => (text === "auto" ? text : parseScore(text)))
      .default(detection.scoreThreshold.default),
  );
  for (const option of [...pixelOptions(), ...settingOptions(settings)]) command.addOption(option);
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
  return command.requiredOption("--out <file>", "COCO JSON to write").addHelpText("after", EXAMPLE).action(predict);
}

async function predict(paths: string[], options: Options): Promise<void> {
  const [
    { prepareMachine },
    { chosenDtype },
    { loadDetector },
    { detectEach },
    { detectionsOf },
    { writeCocoDetections },
    { createProgress },
    { ViewChooser },
    { recommendationOf, recommendationText },
  ] = await Promise.all([
    import("../prepare-machine.ts"),
    import("../../detector/dtype.ts"),
    import("../../detector/weights.ts"),
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
  const requested = await requestedImages(paths, options);
  const files = requested.map(({ file }) => file);
  const model = modelFile(options.model);
  const choice = options.data ? {} : { ...pixelsOf(model), ...choiceOf(options) };
  const pixels = new Map(requested.map((image) => [image.file, image.pixels ?? choice]));
  requireOutFile(options.out, [...files, model, ...(options.data ? [join(options.data, "annotations.json")] : [])]);
  const given = givenSettings(settings, options);
  const { device, channelsLast, ...values } = valuesWith(settings, given);
  const recommendation = recommendationOf(model);
  const score = chosenScore(options, recommendation);
  prepareMachine({ device, threads: given.threads });
  const dtype = chosenDtype({ device, dtype: values.dtype });

  const detector = loadDetector(model, {
    seed: 0,
    device,
    dtype,
    channelsLast,
    adjust: (config) => limited(config, { ...values, score, proposals: given.proposals }),
  });
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
  let proposalsCapped = 0;
  for await (const found of detectEach(detector, files, (file) => readImage(file, pixels.get(file)), {
    viewOf: (file, image) => views.viewOf(file, { ...image, mpp: mpps.get(file) }),
    ...(options.dropInvalid ? { onUnreadable: (_file, { message }) => unreadable.push(message) } : {}),
  })) {
    const id = images.length + 1;
    images.push({ id, fileName: names.get(found.source) as string, width: found.width, height: found.height });
    for (const detection of detectionsOf(found, { imageId: id, categoryIds })) detections.push(detection);
    if (found.capped) progress.log(`${found.source}: reached --max-detections ${values.maxDetections}; there are more`);
    if (found.proposalsCapped) proposalsCapped++;
    progress.update(id + unreadable.length, { cells: String(detections.length) });
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
  if (images.length === 0) throw new UserError("predict: no image can be read; nothing was written");
  const { test: proposals } = detector.config.rpn.postNmsTopN;
  if (proposalsCapped > 0)
    console.error(
      `${proposalsCapped} of ${images.length} images reached the limit of ${proposals} first-stage proposals; --proposals raises it`,
    );
  writeCocoDetections(options.out, {
    images,
    categories: detector.config.classes.map((name, i) => ({ id: i + 1, name })),
    detections,
  });
  if (recommendation) console.error(recommendationText(recommendation));
  console.log(`${detections.length} cells on ${images.length} images (${dtype} on ${device}): ${options.out}`);
}

function chosenScore({ score, model }: Options, recommendation: Recommendation | null): number {
  if (score !== "auto") return score;
  if (recommendation) return recommendation.score;
  throw new UserError(`--score auto: ${model} recommends no score; train with --hold-out 0.1, or pass a number`);
}

interface Limits {
  readonly score: number;
  readonly maxDetections: number | null;
  /** Undefined: as the model was trained. */
  readonly proposals?: number;
}

function limited(config: DetectorConfig, { score, maxDetections, proposals }: Limits): DetectorConfig {
  const { postNmsTopN } = config.rpn;
  return {
    ...config,
    detection: { ...config.detection, scoreThreshold: score, maxDetections },
    rpn: { ...config.rpn, postNmsTopN: { ...postNmsTopN, test: proposals ?? postNmsTopN.test } },
  };
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

function modelFile(path: string): string {
  if (!existsSync(path)) throw new UserError(`${path}: no such run folder or file; check --model`);
  if (!statSync(path).isDirectory()) return path;
  const file = `${path}/model.safetensors`;
  if (!existsSync(file))
    throw new UserError(
      `${path}: has no model.safetensors; its training is not finished; resume with: npx sparsecell train --resume ${shellWord(path)}`,
    );
  return file;
}
