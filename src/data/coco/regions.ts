// Regions of an image in a COCO file, under this project's key `regions`: [{ "kind": "complete", "rings": [[x, y, …]] }],
// in pixels, with rings as in region.ts.

import type { JsonPath } from "../../files/json/scanner.ts";
import { isObject, shown } from "../../files/json/value.ts";
import type { Region } from "../../geometry/region.ts";
import type { CocoRow } from "./row.ts";
import { thousandths } from "./text.ts";

/** The image's regions; undefined when the key is missing. Throws a UserError with file and line on malformed regions. */
export function readRegions(row: CocoRow): Region[] | undefined {
  if (!row.has("regions")) return undefined;
  return list(row.fields.regions, ["regions"]).map((region, i): Region => {
    const at = ["regions", i];
    if (!isObject(region)) throw row.fault(at, `expected an object with kind and rings, got ${shown(region)}`);
    for (const key in region)
      if (key !== "kind" && key !== "rings")
        throw row.fault([...at, key], "is an unknown key; correct or remove it (known: kind, rings)");
    const { kind, rings } = region;
    if (kind !== "complete" && kind !== "ignore")
      throw row.fault([...at, "kind"], `expected "complete" or "ignore", got ${shown(kind)}`);
    const read = list(rings, [...at, "rings"]);
    if (read.length === 0) throw row.fault([...at, "rings"], "is empty; a region needs at least one ring");
    read.forEach((ring, r) => {
      if (!isRing(ring))
        throw row.fault(
          [...at, "rings", r],
          `expected [x0, y0, x1, y1, …], 3 points or more of finite numbers of pixels, got ${shown(ring)}`,
        );
    });
    return { kind, rings: read as number[][] };
  });

  function list(value: unknown, at: JsonPath): unknown[] {
    if (!Array.isArray(value)) throw row.fault(at, value === undefined ? "is missing" : `expected a list, got ${shown(value)}`);
    return value;
  }
}

/** As written to files: coordinates rounded to a thousandth of a pixel. */
export function cocoRegions(regions: readonly Region[]): Region[] {
  return regions.map(({ kind, rings }) => ({ kind, rings: rings.map((ring) => ring.map(thousandths)) }));
}

function isRing(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length >= 6 &&
    value.length % 2 === 0 &&
    value.every((part) => typeof part === "number" && Math.abs(part) < 1e9)
  );
}
