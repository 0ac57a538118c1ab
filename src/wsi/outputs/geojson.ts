// GeoJSON as QuPath 0.4 to 0.7 read it by drag and drop: detections with class, colour and the measurement "score" (an object since
// 0.4), as rectangles in pixels of level 0. QuPath gives the ids. A part that could not be decoded is named in `badTiles` of the
// collection, which QuPath passes over.

import { gzipped } from "../../files/gzip.ts";
import { classification } from "../../formats/qupath/class-colours.ts";
import { type CellOutput, millionths } from "./output.ts";

export const geojson: CellOutput = {
  extension: ".geojson",
  what: "detections for QuPath",
  *write({ classes, badTiles }, parts) {
    const heads = classes.map(
      (name, i) =>
        `{"type":"Feature","properties":{"objectType":"detection","classification":${JSON.stringify(classification(name, i))},"measurements":{"score":`,
    );
    const notes = badTiles.length === 0 ? "" : `"badTiles":${JSON.stringify(badTiles)},`;
    yield `{"type":"FeatureCollection",${notes}"features":[`;
    let separator = "\n";
    for (const { boxes, scores, labels } of parts) {
      let text = "";
      for (let k = 0; k < scores.length; k++) {
        const i = 4 * k;
        const [x1, y1, x2, y2] = [String(boxes[i]), String(boxes[i + 1]), String(boxes[i + 2]), String(boxes[i + 3])];
        const ring = `[${x1},${y1}],[${x2},${y1}],[${x2},${y2}],[${x1},${y2}],[${x1},${y1}]`;
        text += `${separator}${heads[labels[k] - 1]}${millionths(scores[k])}}},"geometry":{"type":"Polygon","coordinates":[[${ring}]]}}`;
        separator = ",\n";
      }
      yield text;
    }
    yield "\n]}\n";
  },
};

export const geojsonGz: CellOutput = {
  extension: ".geojson.gz",
  what: "the same, compressed; QuPath reads it since 0.4",
  write: (slide, cells) => gzipped(geojson.write(slide, cells)),
};
