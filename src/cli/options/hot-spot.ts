// The area of a hot spot.

import { InvalidArgumentError } from "commander";

/** Parses an area in square millimetres: 2, 2mm2 or 2mm². From 0.01 to 100. */
export function squareMillimetres(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+) ?(?:mm[2²])?$/i.exec(text.trim());
  const area = Number(match?.[1]);
  if (area >= 0.01 && area <= 100) return area;
  throw new InvalidArgumentError("It must be an area from 0.01mm2 to 100mm2, for instance 2mm2.");
}
