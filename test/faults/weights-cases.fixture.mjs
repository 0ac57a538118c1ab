// Small valid weight files of every format. A trial reads a damaged one and checks that every tensor has the bytes that its shape
// needs. Damage is also applied behind checksums and lengths.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readWeights, writeSafetensors } from "@sparsecell/torch";
import { Detector } from "../../dist/detector/detector.js";
import { configKey, loadDetector } from "../../dist/detector/weights.js";
import { defaultConfig } from "../../dist/settings/detector.js";
import * as files from "../../torch/dist/io/pth-fixtures.js";
import { zipFile } from "../../torch/dist/io/zip-assembler.js";
import { readZipEntries } from "../../torch/dist/io/zip-entries.js";
import { HEADER, hostileSafetensors, safetensorsFile } from "./hostile-safetensors.fixture.mjs";
import { handMade, mutatedBytes, mutatedJson, put } from "./mutations.fixture.mjs";

const ITEM_SIZES = { float64: 8, int64: 8, float32: 4, int32: 4, bfloat16: 2, float16: 2, int16: 2, int8: 1, uint8: 1, bool: 1 };

const safetensors = safetensorsFile(HEADER);

function checkTensors(tensors) {
  for (const [name, { dtype, shape, data }] of tensors) {
    const expected = shape.reduce((product, size) => product * size, ITEM_SIZES[dtype]);
    if (data.length !== expected) throw new Error(`tensor ${name}: expected ${expected} bytes, got ${data.length}`);
    if (data.length > 0) data.at(-1);
  }
}

const reading = (samples, corpus, mutate) => async () => ({
  async trial(random, i, trialFolder) {
    const good = samples[i % samples.length];
    const path = join(trialFolder, "model.bin");
    const hand = i > corpus.length ? [] : corpus;
    put(path, i === 0 ? good : (hand[i - 1] ?? mutate(good, random)));
    const { tensors } = readWeights(path);
    checkTensors(tensors);
    if (readdirSync(trialFolder).length !== 1) throw new Error(`made a file: ${readdirSync(trialFolder)}`);
  },
});

const corpusOf = (good) => handMade(good).map(([, bytes]) => bytes);
const pths = [files.stateDict, files.stateDictProtocol4, files.checkpoint];

/** A zip archive from torch.save with one damaged file and valid checksums. */
function mutatedArchive(bytes, random) {
  if (random() < 0.3) return mutatedBytes(bytes, random);
  const entries = [...readZipEntries("sample", bytes)].map(([name, { data }]) => [name, Buffer.from(data)]);
  const pickle = entries.findIndex(([name]) => name.endsWith("data.pkl"));
  const at = random() < 0.8 ? pickle : Math.floor(random() * entries.length);
  entries[at][1] = mutatedBytes(entries[at][1], random);
  if (random() < 0.1)
    entries[at][0] = ["../../../escaped", "/escaped", "archive/../data.pkl", "", "a".repeat(60_000), "\u0000"][
      Math.floor(random() * 6)
    ];
  return zipFile(entries, random() < 0.2 ? { checksum: 0 } : random() < 0.2 ? { zip64: true } : {});
}

export const SETTINGS = {
  ...defaultConfig,
  backbone: "resnet18",
  normalization: "group-norm",
  input: { kind: "stretch", size: 64 },
  anchors: { sizes: [[16], [32], [64], [128], [256]], aspectRatios: [1] },
  roi: { ...defaultConfig.roi, representationSize: 8 },
};

export const cases = {
  safetensors: reading(
    [safetensors],
    [...hostileSafetensors().map(([, bytes]) => bytes), ...corpusOf(safetensors)],
    (good, random) => (random() < 0.4 ? mutatedBytes(good, random) : safetensorsFile(mutatedJson(HEADER, random))),
  ),
  "pth, zip": reading(pths, corpusOf(pths[0]), mutatedArchive),
  "pth, legacy": reading([files.legacyStateDict], corpusOf(files.legacyStateDict), mutatedBytes),
  /** The settings in a model file: damaged ones must not create a network of their size. */
  "model settings": async (base) => {
    const model = join(base, "model.safetensors");
    const detector = new Detector(SETTINGS, { seed: 1 });
    const state = [...detector.state()].map(([name, tensor]) => [
      name,
      { dtype: tensor.dtype, shape: tensor.shape, data: tensor.bytes() },
    ]);
    writeSafetensors(model, state, { [configKey]: JSON.stringify(SETTINGS) });
    detector.release();
    const heads = [...readWeights(model).tensors].filter(([name]) => /fc[67]|cls_score/.test(name));
    return {
      async trial(random, i, trialFolder) {
        const file = join(trialFolder, "model.safetensors");
        const text =
          random() < 0.8
            ? mutatedJson(SETTINGS, random)
            : mutatedBytes(Buffer.from(JSON.stringify(SETTINGS)), random).toString("utf8");
        writeSafetensors(file, heads, { [configKey]: text.toWellFormed() });
        loadDetector(i === 0 ? model : file, { seed: 1 }).release();
      },
    };
  },
};
