// How the picture of an image is read, as annotations.json records it.

import { type PixelChoice, pixelChoiceFrom } from "../pixel-choice.ts";
import type { CocoRow } from "./row.ts";

/** Throws a UserError on a choice that cannot be read. */
export function readPixels(row: CocoRow): { pixels?: PixelChoice } {
  if (!row.has("pixels")) return {};
  const fault = (key: string | null, message: string) => row.fault(key === null ? "pixels" : ["pixels", key], message);
  return { pixels: pixelChoiceFrom(row.fields.pixels, fault) };
}
