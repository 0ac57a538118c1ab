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

/** Pairs of an image's marks whose centres are at most `most(a, b)` apart along x, in order of x; each pair once. */
export function* neighbours(marks: readonly SubjectMark[], reach: number): Generator<readonly [SubjectMark, SubjectMark]> {
  const sorted = marks.filter(({ box }) => !isEmpty(box)).map((mark) => ({ mark, x: centre(mark.box)[0] }));
  sorted.sort((a, b) => a.x - b.x);
  for (let i = 0; i < sorted.length; i++)
    for (let j = i + 1; j < sorted.length && sorted[j].x - sorted[i].x <= reach; j++) yield [sorted[i].mark, sorted[j].mark];
}

export function distance(a: Box, b: Box): number {
  const [[ax, ay], [bx, by]] = [centre(a), centre(b)];
  return Math.hypot(ax - bx, ay - by);
}

/** For people: at most 3 digits that count. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));

export const sides = (box: Box): string => `${short(width(box))}×${short(height(box))}`;

export const sized = ({ width, height }: { readonly width: number; readonly height: number }): string => `${width}×${height}`;
