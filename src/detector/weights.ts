// Weights from and to files. A model file of ours is safetensors with the detector's settings in its metadata; a torchvision
// state dict (`fasterrcnn_resnet50_fpn`, or a ResNet for the backbone) is recognised by its names and shapes.

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { type Module, readWeights, scope, Tensor, type WeightFile, writeSafetensors } from "@sparsecell/torch";
import { type PixelChoice, pixelChoiceFrom } from "../data/pixel-choice.ts";
import { reason, UserError } from "../errors.ts";
import { roiValues } from "../network/box-head.ts";
import { completed } from "../settings/declarations.ts";
import {
  type Backbone,
  type DetectorConfig,
  detectorConfigShape,
  detectorSettings,
  torchvisionConfig,
} from "../settings/detector.ts";
import { Detector, type DetectorOptions } from "./detector.ts";

export const configKey = "sparsecell";

/** In a model file, how the pictures were read that it was trained on, where that was chosen (data/pixel-choice.ts). */
export const pixelsKey = "sparsecell.pixels";

/** In a model file, what the licence of its first weights allows, where they had one that limits it. */
export const licenseKey = "sparsecell.license";

/**
 * What a model file records of how its pictures were read; nothing where it records nothing or is another file. Throws a
 * UserError when the record is damaged.
 */
export function pixelsOf(file: string): PixelChoice {
  const text = safetensorsMetadata(file)[pixelsKey];
  if (text === undefined) return {};
  const damaged = (key: string | null, message: string) =>
    new UserError(`${file}: its record of pixels is damaged: ${key === null ? "" : `${key}: `}${message}; train again`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(null, "it is not JSON");
  }
  return pixelChoiceFrom(value, damaged);
}

/** The settings in a model file of ours; null for any other file. Throws a UserError when they are damaged. */
export function modelSettings(file: string): DetectorConfig | null {
  const text = modelMetadata(file)[configKey];
  return text === undefined ? null : savedConfig(text, file);
}

/** What a model file of ours records of the licence of its first weights. */
export const modelLicense = (file: string): string | null => modelMetadata(file)[licenseKey] ?? null;

/** As `safetensorsMetadata`; empty also where there is no such file, or a pipe. */
const modelMetadata = (file: string): ReturnType<typeof safetensorsMetadata> =>
  statSync(file, { throwIfNoEntry: false })?.isFile() ? safetensorsMetadata(file) : {};

/** Of a safetensors file, without its tensors; empty of any other file, which `loadDetector` judges. */
export function safetensorsMetadata(file: string): { readonly [key: string]: string | undefined } {
  const handle = openSync(file, "r");
  try {
    const start = Buffer.alloc(8);
    if (readSync(handle, start, 0, 8, 0) < 8) return {};
    const length = Number(start.readBigUInt64LE());
    if (length > Math.min(LONGEST_HEADER, fstatSync(handle).size)) return {};
    const header = Buffer.alloc(length);
    readSync(handle, header, 0, length, 8);
    return JSON.parse(header.toString()).__metadata__ ?? {};
  } catch {
    return {};
  } finally {
    closeSync(handle);
  }
}

const LONGEST_HEADER = 100_000_000; // bytes, as in the safetensors library

/**
 * A detector with the weights of `file`: one of ours, or a torchvision Faster R-CNN state dict (.pth or safetensors).
 * `adjust` may change settings that do not touch the weights, such as limits. Throws a UserError that says what does not fit.
 *
 * @example
 * const detector = loadDetector("runs/bde/model.safetensors", {
 *   seed: 0,
 *   adjust: (config) => ({ ...config, detection: { ...config.detection, scoreThreshold: 0.5 } }),
 * });
 */
export function loadDetector(
  file: string,
  options: DetectorOptions & { adjust?: (config: DetectorConfig) => DetectorConfig },
): Detector {
  const { tensors, metadata } = read(file);
  const renamed = new Map([...tensors].map(([name, tensor]) => [currentName(name), tensor]));
  const config = metadata[configKey] ? savedConfig(metadata[configKey], file) : torchvisionOf(file, tensors, renamed);
  requireSizes(file, renamed, config);
  const detector = new Detector(options.adjust ? options.adjust(config) : config, options);
  try {
    load(file, detector, renamed, { hint: "are these weights of another network?" });
  } catch (error) {
    detector.release();
    throw error;
  }
  return detector;
}

/**
 * Writes a detector's weights and settings to `file`, a safetensors file that `loadDetector` and `sparsecell predict --model`
 * read. The file is replaced at once or not at all. Throws a UserError when it cannot be written.
 *
 * @example
 * saveDetector("model.safetensors", detector);
 */
export function saveDetector(file: string, detector: Detector): void {
  const tensors = [...detector.state()].map(
    ([name, tensor]) => [name, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.bytes() }] as const,
  );
  try {
    writeSafetensors(file, tensors, { [configKey]: JSON.stringify(detector.config) });
  } catch (error) {
    throw new UserError(reason(error));
  }
}

/**
 * Puts weights into the backbone: a ResNet state dict, or the backbone of a detector's. Final classifiers are left out.
 * With `partial`, layers that the file lacks keep their first values; otherwise that is a UserError that names them.
 * Returns the names that the file lacked.
 *
 * @example
 * const missing = loadBackbone("resnet18.safetensors", detector, { partial: true });
 */
export function loadBackbone(file: string, detector: Detector, { partial }: { partial: boolean }): string[] {
  const { tensors } = read(file);
  const body = bodyOf(tensors);
  const state = detector.backbone.body.state();
  const missing = [...state.keys()].filter((name) => !body.has(name) && !isCounter(name));
  if (missing.length === state.size)
    throw new UserError(`${file}: has no weights of a ResNet (it has ${[...tensors.keys()].slice(0, 3).join(", ")}, …)`);
  requireBackbone(file, backboneOf(body), detector.config.backbone);
  const hint = "choose the --backbone that they are of, or accept what is missing with --partial-weights";
  load(file, detector.backbone.body, body, { hint, only: (name) => !partial || !missing.includes(name) });
  return partial ? missing : [];
}

/** Throws a UserError when a file's ResNet, where it is known, is not the detector's. */
export function requireBackbone(file: string, found: Backbone | undefined, expected: Backbone): void {
  if (found !== undefined && found !== expected)
    throw new UserError(
      `${file}: has the weights of a ${found}, but --backbone is ${expected}; pass --backbone ${found} or other --weights`,
    );
}

const isCounter = (name: string): boolean => name.endsWith("num_batches_tracked");

interface LoadOptions {
  readonly hint: string;
  readonly only?: (name: string) => boolean;
}

function load(file: string, module: Module, tensors: WeightFile["tensors"], { hint, only = () => true }: LoadOptions): void {
  scope(() => {
    const source = new Map<string, Tensor>();
    const state = module.state();
    for (const [name, { data, shape, dtype }] of tensors)
      if (!isCounter(name) || state.has(name)) source.set(name, Tensor.fromBytes(data, shape, dtype));
    try {
      module.loadState(source, { only: (name) => only(name) && !(isCounter(name) && !source.has(name)) });
    } catch (error) {
      throw new UserError(`${file}: ${reason(error)}; ${hint}`);
    }
  });
}

export function read(file: string): WeightFile {
  try {
    return readWeights(file);
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error));
  }
}

function savedConfig(text: string, file: string): DetectorConfig {
  const damaged = (why: string) =>
    new UserError(`${file}: its settings are damaged or of another version of sparsecell: ${why}; train again`);
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    throw damaged("they are no JSON");
  }
  const fault = detectorConfigShape(config);
  if (fault !== null) throw damaged([fault.path.join("."), fault.message].filter((part) => part !== "").join(": "));
  return completed(detectorSettings, config);
}

/** What the settings would make large must be in the file, to its last byte: known before any of it is made. */
function requireSizes(file: string, tensors: WeightFile["tensors"], { classes, roi }: DetectorConfig): void {
  const size = roi.representationSize;
  const expected = {
    "roi_heads.box_head.fc6.weight": [size, roiValues],
    "roi_heads.box_head.fc7.weight": [size, size],
    "roi_heads.box_predictor.cls_score.weight": [classes.length + 1, size],
  };
  for (const [name, shape] of Object.entries(expected)) {
    const found = tensors.get(name)?.shape;
    const fault = found
      ? `of another shape (${name}: expected [${shape.join(", ")}], got [${found.join(", ")}])`
      : `missing (${name})`;
    if (!isDeepStrictEqual(found, shape))
      throw new UserError(`${file}: weights do not fit: 1 ${fault}; are these weights of another network?`);
  }
}

/** Names of torchvision before 0.13 to today's. */
export function currentName(name: string): string {
  return name
    .replace(/^(backbone\.fpn\.(?:inner|layer)_blocks\.\d)\.(weight|bias)$/, "$1.0.$2")
    .replace(/^rpn\.head\.conv\.(weight|bias)$/, "rpn.head.conv.0.0.$1");
}

/** What a torchvision state dict says of its network. */
function torchvisionOf(file: string, original: WeightFile["tensors"], tensors: WeightFile["tensors"]): DetectorConfig {
  const shape = (name: string): number[] => {
    const found = tensors.get(name);
    if (!found?.data.length)
      throw new UserError(
        `${file}: is not a model file: neither of sparsecell nor of a torchvision Faster R-CNN with FPN (${name} is missing)`,
      );
    return found.shape;
  };
  const classes = shape("roi_heads.box_predictor.cls_score.weight")[0] - 1;
  const anchorsPerCell = shape("rpn.head.cls_logits.weight")[0];
  if (anchorsPerCell !== 3)
    throw new UserError(`${file}: has ${anchorsPerCell} anchors per position; expected 3, as torchvision has`);
  return {
    ...torchvisionConfig,
    backbone: backboneOf(bodyOf(tensors)) ?? "resnet50",
    // The COCO weights were published under the old names and trained with eps 0, which torchvision sets for them.
    batchNormEps: original.has("rpn.head.conv.weight") ? 0 : 1e-5,
    classes: Array.from({ length: classes }, (_, i) => (classes === 1 ? "cell" : `class ${i + 1}`)),
    roi: { ...torchvisionConfig.roi, representationSize: shape("roi_heads.box_head.fc6.weight")[0] },
  };
}

/** A ResNet's tensors under its own names: all of a file but classifiers, or a detector's backbone. */
function bodyOf(tensors: WeightFile["tensors"]): WeightFile["tensors"] {
  const prefix = "backbone.body.";
  const ofDetector = [...tensors.keys()].some((name) => name.startsWith(prefix));
  return new Map(
    [...tensors]
      .filter(([name]) => (ofDetector ? name.startsWith(prefix) : !name.startsWith("fc.")))
      .map(([name, tensor]) => [ofDetector ? name.slice(prefix.length) : name, tensor]),
  );
}

/** Of the ResNet in a file, where it is one that a detector can have. Throws a UserError when the file cannot be read. */
export const backboneIn = (file: string): Backbone | undefined => backboneOf(bodyOf(read(file).tensors));

/** By the blocks of its third stage; undefined for a ResNet that no detector here has. */
function backboneOf(body: WeightFile["tensors"]): Backbone | undefined {
  const blocks = new Set([...body.keys()].flatMap((name) => /^layer3\.(\d+)\./.exec(name)?.[1] ?? [])).size;
  const known: { readonly [kind: string]: Backbone | undefined } = body.has("layer1.0.conv3.weight")
    ? { 6: "resnet50", 23: "resnet101" }
    : { 2: "resnet18", 6: "resnet34" };
  return known[blocks];
}
