// A small made-up comparison for the tests of this folder.

import type { ComparedMethod, ComparedPatch, ComparisonReport } from "../../runs/comparison.ts";

/** The bytes of a PNG file of one white pixel. */
const pixel = new Uint8Array(
  Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsVXFcgAAAABJRU5ErkJggg==", "base64"),
);

export const emptyReport: ComparisonReport = {
  title: "nothing",
  summary: [],
  dataset: [],
  heldOut: { images: 0, truths: 0 },
  score: 0.5,
  metrics: [],
  methods: [],
  losses: [],
  patches: [],
  settings: [],
  command: "",
};

export function method(name: string, values: Partial<ComparedMethod> = {}): ComparedMethod {
  return {
    name,
    label: name.toUpperCase(),
    metrics: { ap11: 0.5, count: 3 },
    found: 10,
    wrong: 2,
    lossCurve: [],
    secondsPerStep: 0.25,
    ...values,
  };
}

export const report: ComparisonReport = {
  ...emptyReport,
  title: "A and B",
  summary: ["Both saw the same."],
  dataset: [{ label: "images", value: "7" }],
  heldOut: { images: 4, truths: 40 },
  metrics: [
    { key: "ap11", label: "AP11", percent: true, help: "The average precision." },
    { key: "count", label: "count", percent: false, help: "Some number." },
  ],
  methods: [
    method("a", { found: 20, lossCurve: curve(100) }),
    method("b", { found: 25, wrong: 5, metrics: { ap11: 0.51, count: 3 }, lossCurve: curve(100) }),
  ],
  losses: [
    { key: "loss", label: "total" },
    { key: "class", label: "class part" },
    { key: "box", label: "box part" },
  ],
  patches: [patch("one.png", [3, 1, 0], [0, 4, 2]), patch("two.png", [0, 0, 1], [0, 0, 0])],
  settings: [{ label: "seed", value: "1" }],
  command: "sparsecell demo",
};

/** `steps` entries whose total falls from 4 to 2, with a large and a small part. */
export function curve(steps: number): ComparedMethod["lossCurve"] {
  return Array.from({ length: steps }, (_, i) => {
    const total = 4 - (2 * i) / Math.max(1, steps - 1);
    return { step: i + 1, loss: total, class: 0.8 * total, box: 0.2 * total };
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
