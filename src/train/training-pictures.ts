// Pictures of the same few windows while a detector learns: what it finds there, beside what is marked. `train --pictures` writes them to
// `pictures/` of the run: STEP-N.jpg, and windows.json with the image of each N.

import { join } from "node:path";
import { crop } from "../data/crop.ts";
import { cellCategories, type Dataset, imagesOf, visibleCells } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import type { RgbImage } from "../data/image-file.ts";
import { raw } from "../data/raw-image.ts";
import { resampled } from "../data/resampled.ts";
import { usualView } from "../detect/view.ts";
import type { Detector } from "../detector/detector.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { type Box, centre } from "../geometry/box.ts";
import type { TrainConfig } from "../settings/training.ts";
import { PlaceSearch } from "./place-search.ts";
import type { Place } from "./places.ts";
import type { Probe } from "./trainer.ts";

/** Ten of each window in a training. */
const TIMES = 10;
/** Detections with a lower score are not drawn. */
const SCORE = 0.5;
/** Of a picture, and of a window in training windows: enough to see, and quick to search. */
const [SIDE, WINDOWS] = [384, 2];
/** Okabe and Ito's orange and blue: apart for every kind of colour vision. */
const [FOUND, MARKED] = ["#e69f00", "#0072b2"];

/** Looks at `count` windows with marks, each on another image where there are enough. It changes nothing in the training. */
export function trainingPictures(
  dataset: Dataset,
  config: TrainConfig,
  { count, dir, writes = true }: { count: number; dir: string; writes?: boolean },
): Probe {
  const folder = join(dir, "pictures");
  const places = chosenPlaces(dataset, config, count);
  const search = new PlaceSearch(dataset, places, () => true);
  const every = Math.max(1, Math.ceil(config.steps / TIMES));
  let pixels: Promise<readonly RgbImage[]> | null = null;
  return {
    at: (step) => step > 1 && (step - 1) % every === 0,
    async look(detector: Detector, { step }) {
      const found = await search.detections(detector);
      if (!writes) return; // another process draws; this one has taken as long
      pixels ??= picturesOf(dataset, places, folder);
      for (const [i, picture] of (await pixels).entries()) {
        const boxes = found.filter(({ imageId, score }) => imageId === i && score >= SCORE).map(({ box }) => box);
        const svg = overlay(places[i], { found: boxes, marked: marksAt(dataset, places[i]) });
        const jpeg = await raw(picture)
          .resize(SIDE, Math.round((SIDE * picture.height) / picture.width))
          .composite([{ input: Buffer.from(svg) }])
          .jpeg({ quality: 85 })
          .toBuffer();
        writeFileAtomic(join(folder, `${step - 1}-${i + 1}.jpg`), jpeg);
      }
    },
  };
}

function chosenPlaces(dataset: Dataset, { detector: { input } }: TrainConfig, count: number): Place[] {
  const marks = visibleCells(dataset);
  const numbers = new Map<number, number>();
  for (const { imageId } of marks) numbers.set(imageId, (numbers.get(imageId) ?? 0) + 1);
  const images = imagesOf(dataset, "train")
    .filter(({ id }) => numbers.has(id))
    .sort((a, b) => (numbers.get(b.id) as number) - (numbers.get(a.id) as number) || a.id - b.id)
    .slice(0, count);
  return images.map((image): Place => {
    const { size } = usualView(input, image);
    const side = input.kind === "resolution" ? WINDOWS * input.window : Math.max(size.width, size.height);
    const first = marks.find(({ imageId }) => imageId === image.id) as (typeof marks)[number];
    const [x, y] = centre(first.box);
    const [width, height] = [Math.min(side, size.width), Math.min(side, size.height)];
    const start = (middle: number, length: number, all: number): number =>
      Math.round(Math.min(Math.max(0, middle - length / 2), all - length));
    const window = {
      x: start((x * size.width) / image.width, width, size.width),
      y: start((y * size.height) / image.height, height, size.height),
      width,
      height,
    };
    return { image, size, window, core: [window.x, window.y, window.x + width, window.y + height], weight: 1 };
  });
}

async function picturesOf(dataset: Dataset, places: readonly Place[], folder: string): Promise<readonly RgbImage[]> {
  writeFileAtomic(join(folder, "windows.json"), `${JSON.stringify(places.map(({ image }) => image.fileName))}\n`);
  return Promise.all(
    places.map(async ({ image, size, window }) => crop(resampled(await readDatasetImage(dataset.dir, image), size), window)),
  );
}

function marksAt(dataset: Dataset, { image }: Place): Box[] {
  const cells = new Set(cellCategories(dataset).map(({ id }) => id));
  return dataset.annotations
    .filter(({ imageId, categoryId, hidden }) => imageId === image.id && cells.has(categoryId) && !hidden)
    .map(({ box }) => box);
}

/** Boxes in pixels of the image, drawn on the picture of the window; marks are wider and dashed. */
function overlay({ image, size, window }: Place, { found, marked }: { found: readonly Box[]; marked: readonly Box[] }): string {
  const scale = SIDE / window.width;
  const [fx, fy] = [(scale * size.width) / image.width, (scale * size.height) / image.height];
  const [dx, dy] = [scale * window.x, scale * window.y];
  const drawn = (boxes: readonly Box[], look: string): string =>
    boxes
      .map(([x1, y1, x2, y2]) => {
        const place = `x="${x1 * fx - dx}" y="${y1 * fy - dy}" width="${(x2 - x1) * fx}" height="${(y2 - y1) * fy}"`;
        return `<rect ${place} fill="none" ${look}/>`;
      })
      .join("");
  const [width, height] = [SIDE, Math.round((SIDE * window.height) / window.width)];
  const marks = drawn(marked, `stroke="${MARKED}" stroke-width="3" stroke-dasharray="5 3"`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${marks}${drawn(found, `stroke="${FOUND}" stroke-width="2"`)}</svg>`;
}
