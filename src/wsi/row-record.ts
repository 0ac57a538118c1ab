// A finished row of a slide as bytes: a line of JSON with the counts, then the columns of the cells and of what is held. Cells are
// rounded to thousandths of a pixel, so that 32 bits hold a coordinate of two million pixels.

import type { FoundInRows } from "../geometry/merge-rows.ts";
import type { Cells, FinishedRow } from "./detect-slide.ts";

interface Head extends Omit<FinishedRow, "cells" | "held"> {
  readonly cells: number;
  readonly held: number;
}

const THOUSAND = 1000;

export function rowBytes({ cells, held, ...facts }: FinishedRow): Buffer {
  const head: Head = { ...facts, cells: cells.scores.length, held: held.scores.length };
  const columns = [
    Int32Array.from(cells.boxes, (value) => Math.round(value * THOUSAND)),
    cells.scores,
    cells.labels,
    held.boxes,
    held.scores,
    held.labels,
    held.windows,
  ];
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(head)}\n`),
    ...columns.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  ]);
}

export function rowFrom(bytes: Buffer): FinishedRow {
  const line = bytes.indexOf("\n");
  const head = JSON.parse(bytes.toString("utf8", 0, line)) as Head;
  let at = line + 1;
  const next = (length: number): ArrayBuffer => {
    const part = new Uint8Array(bytes.subarray(at, at + length)); // a copy, so that it begins where numbers may begin
    at += length;
    return part.buffer;
  };
  const cells: Cells = {
    boxes: Float64Array.from(new Int32Array(next(16 * head.cells)), (value) => value / THOUSAND),
    scores: new Float32Array(next(4 * head.cells)),
    labels: new Int32Array(next(4 * head.cells)),
  };
  const held: FoundInRows = {
    boxes: new Float64Array(next(32 * head.held)),
    scores: new Float32Array(next(4 * head.held)),
    labels: new Int32Array(next(4 * head.held)),
    windows: new Int32Array(next(4 * head.held)),
  };
  return { ...head, cells, held };
}
