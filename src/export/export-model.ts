// `export model`: a trained detector as a file of another program's format.

import { existsSync, readFileSync } from "node:fs";
import { basename, parse } from "node:path";
import { type RawTensor, writeSafetensors } from "@sparsecell/torch";
import type { Detector } from "../detector/detector.ts";
import { loadDetector } from "../detector/weights.ts";
import { reason, UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { byteLength } from "../files/protobuf.ts";
import { modelCard } from "./card.ts";
import { exportedMetadata, knownModel } from "./known-model.ts";
import { onnxModel } from "./onnx/model.ts";
import { loaderModule } from "./torchvision/loader.ts";
import { stateDictFile } from "./torchvision/pth.ts";

/** Writes `out`, and returns the names of the files that it wrote beside. */
type Write = (out: string, model: LoadedModel) => readonly string[];

interface LoadedModel {
  readonly detector: Detector;
  readonly weights: ReadonlyMap<string, RawTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const MOST_BYTES = 2 ** 31 - 1; // of a message of protocol buffers, and safely of a zip archive

const formats = {
  onnx(out, { detector: { config }, weights, metadata }) {
    const fields = onnxModel({ config, weights, metadata });
    requireSize(out, byteLength(fields));
    writeFileAtomic(out, ...fields);
    return [];
  },
  torchvision(out, { detector: { config }, weights, metadata }) {
    const module = besides(out, ".py", ours.module);
    const parts = stateDictFile(weights);
    requireSize(out, byteLength(parts));
    writeFileAtomic(out, ...parts);
    writeFileAtomic(module, loaderModule({ config, weights: basename(out), metadata }));
    return [module];
  },
  safetensors(out, { weights, metadata }) {
    try {
      writeSafetensors(out, weights, metadata);
    } catch (error) {
      throw new UserError(reason(error));
    }
    return [];
  },
} satisfies { readonly [name: string]: Write };

/** A format that a model can be exported in. */
export type ModelFormatName = keyof typeof formats;

/**
 * Writes a model file, with its card beside it. Returns the names of all files written. Throws a UserError when the model cannot be
 * read or the files cannot be written.
 *
 * @example
 * exportModel("runs/bde/model.safetensors", { format: "onnx", out: "cells.onnx" }); // ["cells.onnx", "cells.md"]
 */
export function exportModel(
  file: string,
  { format, out }: { readonly format: ModelFormatName; readonly out: string },
): readonly string[] {
  const model = knownModel(file);
  const detector = loadDetector(file, { seed: 0 });
  try {
    const weights = new Map(
      [...detector.state()].map(([name, tensor]) => [name, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.bytes() }]),
    );
    const metadata = exportedMetadata(model, detector.config);
    const card = besides(out, ".md", ours.card);
    const others = formats[format](out, { detector, weights, metadata });
    writeFileAtomic(card, modelCard(model, detector.config));
    return [out, ...others, card];
  } finally {
    detector.release();
  }
}

/** How the files beside a model begin, by which an earlier export is told from somebody else's file. */
const ours = { card: /^# Cell detector/, module: /^"""The detector whose weights are in/ };

/** "cells.py" for "cells.onnx". Throws a UserError where that would be the file itself, or one that no export wrote. */
function besides(out: string, extension: string, ours: RegExp): string {
  const { dir, name, ext } = parse(out);
  if (ext === extension) throw new UserError(`${out}: a file beside the model has that name; pass another extension to --out`);
  const file = dir === "" ? `${name}${extension}` : `${dir}/${name}${extension}`;
  if (existsSync(file) && !ours.test(readFileSync(file, "utf8")))
    throw new UserError(`${file}: exists, and no export wrote it; pass another name to --out`);
  return file;
}

function requireSize(out: string, size: number): void {
  if (size > MOST_BYTES)
    throw new UserError(`${out}: would have ${size} bytes, and the format holds ${MOST_BYTES}; export as safetensors`);
}
