// Where on the screen a place of the image is: `scale` pixels of the canvas for one of the image, whose (x, y) is at the
// canvas's top left corner.

import type { Box } from "../../../src/api.ts";

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
  /** Of the canvas, in its pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the canvas for one of CSS. */
  readonly ratio: number;
}

export type Point = readonly [number, number];

export const toScreen = (view: View, [x, y]: Point): Point => [(x - view.x) * view.scale, (y - view.y) * view.scale];

export const toImage = (view: View, [x, y]: Point): Point => [x / view.scale + view.x, y / view.scale + view.y];

/** What of the image is seen. */
export const seen = (view: View): Box => [view.x, view.y, view.x + view.width / view.scale, view.y + view.height / view.scale];
