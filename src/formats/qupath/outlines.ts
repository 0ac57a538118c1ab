// Outlines as annotations for QuPath: one FeatureCollection of polygons with holes, in pixels of the full resolution.

import { classification } from "./class-colours.ts";
import { closed } from "./polygons.ts";
import { feature } from "./write.ts";

/** The text of a GeoJSON file, a feature on each line. A piece is its outline and then its holes. */
export function* outlinesText(label: string, pieces: readonly (readonly (readonly number[])[])[]): Generator<string> {
  yield '{"type":"FeatureCollection","features":[';
  for (const [i, rings] of pieces.entries()) {
    const geometry = { type: "Polygon", coordinates: rings.map(closed) };
    const properties = { objectType: "annotation", classification: classification(label, 0) };
    yield `${i === 0 ? "" : ","}\n${JSON.stringify(feature(geometry, properties))}`;
  }
  yield "\n]}\n";
}
