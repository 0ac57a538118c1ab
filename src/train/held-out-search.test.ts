import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Dataset, imagesOf } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import { type HoldOut, withHeldOut } from "../data/hold-out.ts";
import { synthesizeDataset } from "../data/synthetic/synthetic.ts";
import { detectionsOf } from "../detect/detections.ts";
import { detectEach } from "../detect/each-image.ts";
import { usualView } from "../detect/view.ts";
import { Detector } from "../detector/detector.ts";
import { type HeldOutQuality, heldOutQuality } from "../evaluate/held-out.ts";
import type { Detection } from "../evaluate/matching.ts";
import { rectangleRing } from "../geometry/region.ts";
import type { InputSize } from "../settings/detector.ts";
import { HeldOutSearch } from "./held-out-search.ts";
import { tinyConfig } from "./run.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "held-out-search-"));
after(() => rmSync(root, { recursive: true }));
const options = { most: 20, seed: 1 };

let dataset: Dataset;
let holdOut: HoldOut;
before(async () => {
  const dir = join(root, "tissue");
  dataset = await synthesizeDataset({ kind: "ki67", images: 4, width: 160, height: 128, seed: 1, dir, boxSize: 32 });
  holdOut = withHeldOut(dataset, {
    images: imagesOf(dataset, "train")
      .slice(0, 2)
      .map(({ fileName }) => fileName),
  });
});

/** A detector with its first weights, which finds some cells by chance. */
function untrained(input: InputSize): Detector {
  const { detector } = tinyConfig(dataset);
  return new Detector({ ...detector, input }, { seed: 3 });
}

for (const input of [
  { kind: "stretch", size: 64 },
  { kind: "resolution", window: 64, mpp: null, scale: 0.5 },
] as const)
  test(`${input.kind}: the same as of the detections on the held-out images, each time`, async () => {
    const detector = untrained(input);
    const detections: Detection[] = [];
    const images = detectEach(detector, holdOut.images, (image) => readDatasetImage(dataset.dir, image), {
      viewOf: (image) => usualView(input, image),
    });
    for await (const found of images) detections.push(...detectionsOf(found, { imageId: found.source.id, categoryIds: [1] }));
    detections.sort((a, b) => a.imageId - b.imageId);
    const expected = heldOutQuality({ marks: holdOut.marks, detections });
    const search = new HeldOutSearch(dataset, holdOut, { ...options, input });
    assert.ok(expected[0].found > 0 && search.marks === holdOut.marks.length && !search.knowsPrecision);
    for (const _ of [1, 2]) assertClose(search.quality(await search.find(detector)), expected);
    detector.release();
  });

test("where annotations are complete, F1 is measured there and nowhere else", async () => {
  const input = { kind: "stretch", size: 64 } as const;
  const detector = untrained(input);
  const region = { kind: "complete", rings: [rectangleRing(0, 0, 80, 128)] } as const;
  const images = holdOut.images.map((image) => ({ ...image, regions: [region] }));
  const marks = holdOut.marks.filter(({ box: [x1, , x2] }) => x1 + x2 < 200);
  const search = new HeldOutSearch(dataset, { ...holdOut, images, marks }, { ...options, input });
  assert.ok(search.knowsPrecision);
  assert.equal(search.marks, marks.filter(({ box: [x1, , x2] }) => x1 + x2 < 160).length);
  const [{ measure }] = search.quality(await search.find(detector));
  assert.ok(measure > 0 && measure < 1);
  detector.release();
});

function assertClose(actual: readonly HeldOutQuality[], expected: readonly HeldOutQuality[]): void {
  assert.deepEqual(
    actual.map(({ found }) => found),
    expected.map(({ found }) => found),
  );
  actual.forEach(({ measure }, k) => assert.ok(Math.abs(measure - expected[k].measure) < 1e-9));
}
