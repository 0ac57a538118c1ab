// Arrays [K, 4] of boxes or codes: conversion from and to tuples, selection of rows, concatenation.

import type { Box } from "./box.ts";

/** Boxes as rows [K, 4]. */
export function fromBoxes(boxes: readonly Box[]): Float32Array {
  const rows = new Float32Array(4 * boxes.length);
  boxes.forEach((box, k) => rows.set(box, 4 * k));
  return rows;
}

/** Rows [K, 4] as boxes. */
export const toBoxes = (rows: Float32Array): Box[] => Array.from({ length: rows.length / 4 }, (_, k) => boxAt(rows, k));

/** Row `k` of rows [K, 4] as a box. */
export const boxAt = (rows: Float32Array | Float64Array, k: number): Box => [
  rows[4 * k],
  rows[4 * k + 1],
  rows[4 * k + 2],
  rows[4 * k + 3],
];

/** Rows of several images [K_1 + K_2 + …, width], apart again: K_n rows for image n, as views. */
export function perImage(rows: Float32Array, counts: readonly number[], width: number): Float32Array[] {
  let start = 0;
  return counts.map((count) => {
    const end = start + count * width;
    const part = rows.subarray(start, end);
    start = end;
    return part;
  });
}

/** The rows at `indices`, in that order. */
export function rowsAt(rows: Float32Array, indices: Int32Array): Float32Array {
  const result = new Float32Array(indices.length * 4);
  indices.forEach((index, i) => result.set(rows.subarray(4 * index, 4 * index + 4), 4 * i));
  return result;
}

/** All parts, concatenated. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Boxes [N, 4] whose corners were moved, as x1 y1 x2 y2 again. */
export function movedBoxes(boxes: Float32Array, move: (x: number, y: number) => readonly [number, number]): Float32Array {
  const result = new Float32Array(boxes.length);
  for (let k = 0; k < boxes.length; k += 4) {
    const [ax, ay] = move(boxes[k], boxes[k + 1]);
    const [bx, by] = move(boxes[k + 2], boxes[k + 3]);
    result.set([Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)], k);
  }
  return result;
}
