// `sparsecell predict`: the cells on images, as COCO JSON with scores.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import type { CocoImage, Detection } from "../../data/coco/evaluation-files.ts";
import { imagesOf } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import { shellWord } from "../../files/shell-word.ts";
import type { DetectorConfig } from "../../settings/detector-config.ts";
import { channelsLastOption, type DtypeChoice, dtypeOption, threadsOption } from "../options/machine.ts";
import { requireOutFile } from "../options/out-file.ts";
import { between, whole } from "../options/values.ts";

interface Options {
  readonly model: string;
  readonly score: number;
  readonly maxDetections?: number;
  readonly proposals?: number;
  readonly device: string;
  readonly dtype: DtypeChoice;
  readonly channelsLast: boolean;
  readonly threads?: number;
  readonly data?: string;
  readonly split?: "train" | "test";
  readonly out: string;
}

const EXAMPLE = `
The model is a run folder, a model.safetensors, or the state dict of a torchvision fasterrcnn_resnet50_fpn (.pth).

Example:
  $ npx sparsecell predict --model runs/bde --score 0.5 --out cells.json slide-1.png slide-2.png
  $ npx sparsecell predict --model runs/bde --data data/ki67 --split test --out detections.json`;

export function predictCommand(): Command {
  return new Command("predict")
    .description("find cells on images; writes COCO JSON with scores")
    .argument("[images...]", "PNG, JPEG or TIFF files")
    .requiredOption("--model <run|file>", "a run folder or a file of weights")
    .option("--score <number>", "least score of a detection, 0 to 1", between(0, 1), 0.05)
    .option("--max-detections <n>", "most detections of an image (default: no limit)", whole(1))
    .option("--proposals <n>", "most first-stage proposals of an image (default: as the model was trained, 1000)", whole(1))
    .option("--data <dir>", "the images of a dataset, in place of files")
    .addOption(new Option("--split <name>", "with --data: only this split's").choices(["train", "test"]))
    .option("--device <name>", "cpu, cuda or cuda:N", "cpu")
    .addOption(dtypeOption())
    .addOption(channelsLastOption())
    .addOption(threadsOption())
    .requiredOption("--out <file>", "COCO JSON to write")
    .addHelpText("after", EXAMPLE)
    .action(predict);
}

async function predict(paths: string[], options: Options): Promise<void> {
  const [
    { chosenDtype, prepareMachine },
    { loadDetector },
    { detectEach },
    { detectionsOf },
    { writeCocoDetections },
    { createProgress },
  ] = await Promise.all([
    import("../prepare-machine.ts"),
    import("../../detector/weights.ts"),
    import("../../detect/each-image.ts"),
    import("../../detect/detections.ts"),
    import("../../data/coco/evaluation-files.ts"),
    import("../terminal/progress.ts"),
  ]);
  const { readImage: read } = await import("../../data/image-file.ts");
  const { files, names } = await requestedImages(paths, options);
  const model = modelFile(options.model);
  requireOutFile(options.out, [...files, model, ...(options.data ? [join(options.data, "annotations.json")] : [])]);
  prepareMachine(options);
  const dtype = chosenDtype(options);

  const detector = loadDetector(model, {
    seed: 0,
    device: options.device,
    dtype,
    channelsLast: options.channelsLast,
    adjust: (config) => limited(config, options),
  });
  const progress = createProgress({ label: "predict", total: files.length, unit: "image" });
  const categoryIds = detector.config.classes.map((_, i) => i + 1);
  const images: CocoImage[] = [];
  const detections: Detection[] = [];
  let proposalsCapped = 0;
  for await (const found of detectEach(detector, files, read)) {
    const id = images.length + 1;
    images.push({ id, fileName: names[id - 1], width: found.width, height: found.height });
    for (const detection of detectionsOf(found, { imageId: id, categoryIds })) detections.push(detection);
    if (found.capped) progress.log(`${found.source}: reached --max-detections ${options.maxDetections}; there are more`);
    if (found.proposalsCapped) proposalsCapped++;
    progress.update(id, { cells: String(detections.length) });
  }
  progress.finish();
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
  console.log(`${detections.length} cells on ${images.length} images (${dtype} on ${options.device}): ${options.out}`);
}

function limited(config: DetectorConfig, { score, maxDetections, proposals }: Options): DetectorConfig {
  const { postNmsTopN } = config.rpn;
  return {
    ...config,
    detection: { ...config.detection, scoreThreshold: score, maxDetections: maxDetections ?? null },
    rpn: { ...config.rpn, postNmsTopN: { ...postNmsTopN, test: proposals ?? postNmsTopN.test } },
  };
}

async function requestedImages(paths: string[], { data, split }: Options): Promise<{ files: string[]; names: string[] }> {
  if (data) {
    if (paths.length > 0) throw new UserError("predict: give images or --data, not both");
    const { imagePath, readDataset } = await import("../../data/dataset-folder.ts");
    const images = imagesOf(readDataset(data), split);
    if (images.length === 0) throw new UserError(`${data}: has no images${split ? ` of the ${split} split` : ""}`);
    return { files: images.map((image) => imagePath(data, image)), names: images.map((image) => image.fileName) };
  }
  if (split) throw new UserError("predict: --split goes with --data");
  if (paths.length === 0) throw new UserError("predict: on which images? give files, or --data with a dataset's folder");
  for (const path of paths)
    if (!existsSync(path) || !statSync(path).isFile()) throw new UserError(`${path}: no such file; check the path`);
  return { files: paths, names: paths };
}

function modelFile(path: string): string {
  if (!existsSync(path)) throw new UserError(`${path}: there is no such run folder or file; check --model`);
  if (!statSync(path).isDirectory()) return path;
  const file = `${path}/model.safetensors`;
  if (!existsSync(file))
    throw new UserError(
      `${path}: has no model.safetensors; is its training finished? go on with: npx sparsecell train --resume ${shellWord(path)}`,
    );
  return file;
}
