// How the kinds of things look. Shape and dash tell them apart, not colour alone: a marked cell is a closed outline, a detection
// only its corners, a suspected cell a dashed circle, a place that is not a cell a crossed box.

import type { Box } from "../../../src/api.ts";
import type { Point } from "./view.ts";

type Pen = CanvasRenderingContext2D | Path2D;

export function tracePoint(pen: Pen, [left, top, right, bottom]: Box): void {
  const [x, y, radius] = [(left + right) / 2, (top + bottom) / 2, (right - left) / 2];
  pen.moveTo(x + radius, y);
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  const dot = Math.min(2, radius / 3);
  pen.moveTo(x + dot, y);
  pen.arc(x, y, dot, 0, 2 * Math.PI);
}

export function traceBox(pen: Pen, [left, top, right, bottom]: Box): void {
  pen.rect(left, top, right - left, bottom - top);
}

/** A cross over the box. */
export function traceNot(pen: Pen, [left, top, right, bottom]: Box): void {
  const inset = Math.min(right - left, bottom - top) * 0.18;
  pen.rect(left, top, right - left, bottom - top);
  pen.moveTo(left + inset, top + inset);
  pen.lineTo(right - inset, bottom - inset);
  pen.moveTo(right - inset, top + inset);
  pen.lineTo(left + inset, bottom - inset);
}

/** A circle around the box; drawn dashed. */
export function traceSuspect(pen: Pen, [left, top, right, bottom]: Box): void {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const radius = Math.max(right - left, bottom - top) * 0.66 + 2;
  pen.moveTo(x + radius, y);
  pen.arc(x, y, radius, 0, 2 * Math.PI);
}

/** A square on its corner around the box; drawn dashed. */
export function traceDenied(pen: Pen, [left, top, right, bottom]: Box): void {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const reach = Math.max(right - left, bottom - top) * 0.85 + 2;
  pen.moveTo(x, y - reach);
  pen.lineTo(x + reach, y);
  pen.lineTo(x, y + reach);
  pen.lineTo(x - reach, y);
  pen.closePath();
}

export function traceRing(pen: Pen, points: readonly Point[], closed: boolean): void {
  points.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  if (closed) pen.closePath();
}

/** Dashes, in pixels of CSS. */
export const dashes = {
  hidden: [2, 3],
  suspect: [5, 4],
  denied: [5, 4],
  complete: [],
  ignore: [10, 4, 2, 4],
} as const satisfies Record<string, readonly number[]>;

/** Of things without a class; light enough for the halo to carry them on any stain. */
export const colours = {
  not: "#3a3f45",
  suspect: "#ffd400",
  denied: "#ff8fd8",
  complete: "#1f9d55",
  ignore: "#5b6670",
  selected: "#ffffff",
} as const;
