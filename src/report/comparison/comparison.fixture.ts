// A small made-up comparison for the tests of this folder.

import type { ComparedMethod, ComparedPatch, Comparison } from "../../runs/comparison.ts";
import { valuesWith } from "../../settings/declarations.ts";
import { trainingSettings } from "../../settings/training.ts";

/** The bytes of a PNG file of one white pixel. */
const pixel = new Uint8Array(
  Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsVXFcgAAAABJRU5ErkJggg==", "base64"),
);

export const emptyComparison: Comparison = {
  title: "nothing",
  command: "",
  dataset: { trainImages: 0, trainCells: 0, visible: 0, testImages: 0, testCells: 0 },
  heldOut: { images: 0, truths: 0 },
  score: 0.5,
  methods: [],
  patches: [],
  config: valuesWith(trainingSettings, { data: "data", method: "fpn", steps: 100, seed: 1, threads: 2, checkpointEvery: 100 }),
  versions: { libtorch: "1.13.1", node: "20" },
  machine: { processor: "a processor", cores: 4 },
};

export function method(name: string, values: Partial<ComparedMethod> = {}): ComparedMethod {
  return {
    name,
    label: name.toUpperCase(),
    metrics: { ap11: 0.5, recall: 0.75 },
    found: 10,
    wrong: 2,
    lossCurve: [],
    secondsPerStep: 0.25,
    ...values,
  };
}

export const comparison: Comparison = {
  ...emptyComparison,
  title: "A and B",
  command: "sparsecell demo",
  dataset: { trainImages: 7, trainCells: 50, visible: 5, testImages: 4, testCells: 40 },
  heldOut: { images: 4, truths: 40 },
  methods: [
    method("a", { found: 20, lossCurve: curve(100) }),
    method("b", { found: 25, wrong: 5, metrics: { ap11: 0.51, recall: 0.75 }, lossCurve: curve(100) }),
  ],
  patches: [patch("one.png", [3, 1, 0], [0, 4, 2]), patch("two.png", [0, 0, 1], [0, 0, 0])],
};

/** `steps` entries whose total falls from 4 to 2, with a large part and a small one that a method added. */
export function curve(steps: number): ComparedMethod["lossCurve"] {
  return Array.from({ length: steps }, (_, i) => {
    const total = 4 - (2 * i) / Math.max(1, steps - 1);
    return { step: i + 1, loss: total, roiClass: 0.8 * total, added: 0.2 * total };
  });
}

/** A patch with results of methods `a` and `b`, each given as its numbers of found, missed and wrong boxes. */
export function patch(
  name: string,
  ...results: readonly (readonly [found: number, missed: number, wrong: number])[]
): ComparedPatch {
  const boxes = (count: number, row: number) =>
    Array.from({ length: count }, (_, i) => [10 * i, row, 10 * i + 8, row + 8] as const);
  const scored = (count: number, row: number) => boxes(count, row).map((box, i) => ({ box, score: 0.9 - i / 100 }));
  return {
    name,
    width: 64,
    height: 48,
    image: pixel,
    truths: boxes(results[0][0] + results[0][1], 0),
    results: results.map(([found, missed, wrong], i) => ({
      method: ["a", "b"][i],
      found: scored(found, 0),
      missed: boxes(missed, 10),
      wrong: scored(wrong, 20),
    })),
  };
}
