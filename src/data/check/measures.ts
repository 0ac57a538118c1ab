// Numbers that several checks need.

import { type Box, centre, height, width } from "../../geometry/box.ts";
import type { Subject, SubjectImage, SubjectMark } from "./subject.ts";

/** The diameter of a cell, from its box. */
export const diameter = (box: Box): number => Math.sqrt(Math.max(0, width(box)) * Math.max(0, height(box)));

export const isEmpty = (box: Box): boolean => !(box[0] < box[2] && box[1] < box[3]);

export function* marksOf({ images }: Subject): Generator<{ image: SubjectImage; mark: SubjectMark }> {
  for (const image of images) for (const mark of image.marks) yield { image, mark };
}

export function median(values: readonly number[]): number {
  return Float64Array.from(values).sort()[values.length >> 1];
}

/**
 * Pairs of an image's marks whose centres are at most `reach` pixels apart along x and along y, in order of x; each pair once. Only
 * nearby marks are compared, so that a slide of many cells takes time in proportion to their number.
 */
export function* neighbours(marks: readonly SubjectMark[], reach: number): Generator<readonly [SubjectMark, SubjectMark]> {
  const side = Math.max(reach, 1e-3);
  const places = marks
    .filter(({ box }) => !isEmpty(box))
    .map((mark) => ({ mark, at: centre(mark.box) }))
    .sort((a, b) => a.at[0] - b.at[0]);
  const columnsAndRows = places.map(({ at: [x, y] }) => [Math.floor(x / side), Math.floor(y / side)] as const);
  const cells = new Map<string, number[]>();
  columnsAndRows.forEach(([column, row], i) => {
    const members = cells.get(`${column},${row}`);
    if (members) members.push(i);
    else cells.set(`${column},${row}`, [i]);
  });
  for (const [i, [column, row]] of columnsAndRows.entries()) {
    const around = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].flatMap((dy) => cells.get(`${column + dx},${row + dy}`) ?? []));
    for (const j of around.filter((other) => other > i).sort((a, b) => a - b)) {
      const [a, b] = [places[i].at, places[j].at];
      if (b[0] - a[0] <= reach && Math.abs(b[1] - a[1]) <= reach) yield [places[i].mark, places[j].mark];
    }
  }
}

export function distance(a: Box, b: Box): number {
  const [[ax, ay], [bx, by]] = [centre(a), centre(b)];
  return Math.hypot(ax - bx, ay - by);
}

/** For people: at most 3 digits that count. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

export const sides = (box: Box): string => `${short(width(box))}×${short(height(box))}`;

export const sized = ({ width, height }: { readonly width: number; readonly height: number }): string => `${width}×${height}`;
