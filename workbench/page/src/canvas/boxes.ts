// Many boxes: numbers side by side, and an index that says which of them are in view.

import Flatbush from "flatbush";
import type { Box } from "../../../src/api.ts";

export interface Boxes {
  readonly count: number;
  /** 4 a box: left, top, right, bottom. */
  readonly places: Float32Array;
  /** Index of the class. */
  readonly classes: Uint16Array;
  readonly scores: Float32Array | null;
  readonly index: Flatbush | null;
  /** Around all of them. */
  readonly bounds: Box;
  /** The length of a side, in the mean. */
  readonly side: number;
}

export function boxesOf(places: Float32Array, classes: Uint16Array, scores: Float32Array | null = null): Boxes {
  const count = classes.length;
  if (count === 0) return { count, places, classes, scores, index: null, bounds: [0, 0, 0, 0], side: 0 };
  const index = new Flatbush(count);
  let sides = 0;
  for (let i = 0; i < count; i++) {
    const at = 4 * i;
    index.add(places[at], places[at + 1], places[at + 2], places[at + 3]);
    sides += places[at + 2] - places[at] + places[at + 3] - places[at + 1];
  }
  index.finish();
  const { minX, minY, maxX, maxY } = index;
  return { count, places, classes, scores, index, bounds: [minX, minY, maxX, maxY], side: sides / 2 / count };
}

/** Detections as the server sends them: 6 little-endian float32 for each, box, score, index of its class. */
export function readDetections(buffer: ArrayBuffer): Boxes {
  const values = new Float32Array(buffer);
  const count = Math.floor(values.length / 6);
  const [places, classes, scores] = [new Float32Array(4 * count), new Uint16Array(count), new Float32Array(count)];
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 4; k++) places[4 * i + k] = values[6 * i + k];
    scores[i] = values[6 * i + 4];
    classes[i] = values[6 * i + 5];
  }
  return boxesOf(places, classes, scores);
}

export const boxAt = ({ places }: Boxes, i: number): Box => [
  places[4 * i],
  places[4 * i + 1],
  places[4 * i + 2],
  places[4 * i + 3],
];

/** The indexes of the boxes that touch a window and have the score, in a list that is used again: the next call changes it. */
export function visible(boxes: Boxes, [left, top, right, bottom]: Box, score: number): Uint32Array {
  const { count, places, scores, index, bounds } = boxes;
  if (!index) return found.subarray(0, 0);
  if (found.length < count) found = new Uint32Array(count);
  let end = 0;
  if (left <= bounds[0] && top <= bounds[1] && right >= bounds[2] && bottom >= bounds[3]) {
    for (let i = 0; i < count; i++) if (!scores || scores[i] >= score) found[end++] = i;
    return found.subarray(0, end);
  }
  const share =
    (Math.max(0, Math.min(right, bounds[2]) - Math.max(left, bounds[0])) *
      Math.max(0, Math.min(bottom, bounds[3]) - Math.max(top, bounds[1]))) /
    ((bounds[2] - bounds[0]) * (bounds[3] - bounds[1]) || 1);
  // Where many of them are in view, looking at each is faster than asking the index.
  if (share > 0.1) {
    for (let i = 0, at = 0; i < count; i++, at += 4) {
      if (scores && scores[i] < score) continue;
      if (places[at] <= right && places[at + 2] >= left && places[at + 1] <= bottom && places[at + 3] >= top) found[end++] = i;
    }
    return found.subarray(0, end);
  }
  for (const i of index.search(left, top, right, bottom)) if (!scores || scores[i] >= score) found[end++] = i;
  return found.subarray(0, end);
}

let found = new Uint32Array(0);

/** How many of each class have the score. */
export function countByClass({ count, classes, scores }: Boxes, score: number, kinds: number): number[] {
  const counts = new Array<number>(kinds).fill(0);
  for (let i = 0; i < count; i++) if (!scores || scores[i] >= score) counts[classes[i]]++;
  return counts;
}
