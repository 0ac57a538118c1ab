import { Random } from "../random.ts";
import type { Box } from "./boxes.ts";
import { clip } from "./boxes.ts";
import { develop, type Stain } from "./stain.ts";
import { paintKi67 } from "./synthetic-ki67.ts";
import { paintMitosis } from "./synthetic-mitosis.ts";
export type SyntheticKind = "ki67" | "mitosis";
export function synthesizePatch(options: { kind: SyntheticKind; width: number; height: number; random: Random; stain: Stain; boxSize?: number }): { rgb: Uint8Array; boxes: Box[] } {
  const { kind, width, height, random, stain, boxSize = 32 } = options;
  const section = { width, height, hematoxylin: new Float32Array(width * height), second: new Float32Array(width * height) };
  const positives = (kind === "ki67" ? paintKi67 : paintMitosis)(section, { scale: boxSize / 32, random });
  const half = boxSize / 2;
  const boxes = positives
    .filter(({ x, y }) => x >= 0 && y >= 0 && x < width && y < height)
    .map(({ x, y }) => clip([x - half, y - half, x + half, y + half], width, height) as Box);
  return { rgb: develop(section, { stain, random }), boxes };
}
