// Every kind of file holds the same cells, and is made from parts without keeping them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { qupathObjects, qupathVersions } from "../../formats/qupath/strict.fixture.ts";
import { Random } from "../../random.ts";
import type { Cells } from "../detect-slide.ts";
import { outputFor, outputs, requireOutput } from "./index.ts";
import { millionths, type SearchedSlide } from "./output.ts";

const slide: SearchedSlide = {
  name: "a, b.svs",
  width: 50_000,
  height: 40_000,
  mpp: { x: 0.25, y: 0.5 },
  classes: ["Positive", 'odd, "quoted"'],
  badTiles: ["level 0, column 3, row 1 of tiles of 256×256"],
};

function partsOf(...sizes: number[]): Cells[] {
  const random = new Random(1);
  return sizes.map((size) => ({
    boxes: Float64Array.from(
      { length: 4 * size },
      (_, i) => (i % 4 < 2 ? 1000 : 30_000) + Math.round(random.uniform(0, 9e6)) / 1000,
    ),
    scores: Float32Array.from({ length: size }, () => random.uniform()),
    labels: Int32Array.from({ length: size }, () => 1 + random.integer(2)),
  }));
}

/** x1, y1, x2, y2, class, score. */
type Row = readonly [number, number, number, number, string, number];

const rowsOf = (parts: readonly Cells[]): Row[] =>
  parts.flatMap(({ boxes, scores, labels }) =>
    Array.from(scores, (score, k): Row => {
      const [x1, y1, x2, y2] = boxes.subarray(4 * k, 4 * k + 4);
      return [x1, y1, x2, y2, slide.classes[labels[k] - 1], millionths(score)];
    }),
  );

interface TableRow {
  readonly [column: string]: number | string;
}

/** Of a row of a table, whose sides and centres are rounded. */
function corners(row: TableRow): Row {
  const [x, y, w, h, score] = ["x_px", "y_px", "width_px", "height_px", "score"].map((name) => Number(row[name]));
  assert.deepEqual(
    ["x_um", "y_um", "width_um", "height_um"].map(
      (name) => Math.abs(Number(row[name]) - Number(row[name.replace("um", "px")]) * (/^x|^w/.test(name) ? 0.25 : 0.5)) < 0.0011,
    ),
    [true, true, true, true],
  );
  return [x - w / 2, y - h / 2, x + w / 2, y + h / 2, String(row.class), score];
}

interface CocoRow {
  readonly bbox: readonly [number, number, number, number];
  readonly category_id: number;
  readonly score: number;
}

const geojsonRows = (text: string): Row[] => {
  for (const version of qupathVersions) qupathObjects(text, version);
  return qupathObjects(text, "0.7").map(({ type, classes, measurements, geometry }): Row => {
    assert.deepEqual([type, geometry?.type], ["detection", "Polygon"]);
    const [[[[x1, y1], , [x2, y2]]]] = geometry?.polygons ?? [];
    return [x1, y1, x2, y2, classes.join(": "), measurements.score];
  });
};

const readers: { readonly [extension: string]: (bytes: Buffer) => Promise<Row[]> | Row[] } = {
  ".geojson": (bytes) => geojsonRows(bytes.toString()),
  ".geojson.gz": (bytes) => geojsonRows(gunzipSync(bytes).toString()),
  ".csv": (bytes) => (parse(bytes, { columns: true }) as TableRow[]).map(corners),
  ".parquet": async (bytes) => (await parquetReadObjects({ file: arrayBuffer(bytes) })).map((row) => corners(row as TableRow)),
  ".json": (bytes) => {
    const { images, categories, annotations } = JSON.parse(bytes.toString());
    assert.deepEqual(images, [{ id: 1, file_name: "a, b.svs", width: 50_000, height: 40_000, bad_tiles: slide.badTiles }]);
    return (annotations as CocoRow[]).map(({ bbox: [x, y, w, h], category_id, score }): Row => {
      return [x, y, x + w, y + h, categories[category_id - 1].name, score];
    });
  },
};

const arrayBuffer = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;
const bytesOf = (chunks: Iterable<string | Uint8Array>): Buffer =>
  Buffer.concat([...chunks].map((chunk) => Buffer.from(chunk as string)));

test("every output has a reader here", () => {
  assert.deepEqual(outputs.map(({ extension }) => extension).sort(), Object.keys(readers).sort());
});

for (const output of outputs)
  test(`${output.extension}: all cells, in order, whatever the parts`, async () => {
    for (const parts of [[], partsOf(0), partsOf(1), partsOf(3, 0, 200, 1), partsOf(1000)]) {
      const bytes = bytesOf(output.write(slide, parts));
      const rows = await readers[output.extension](bytes);
      const expected = rowsOf(parts);
      assert.equal(rows.length, expected.length);
      for (const [i, row] of rows.entries()) {
        assert.deepEqual(row.slice(4), expected[i].slice(4));
        for (let k = 0; k < 4; k++)
          assert.ok(Math.abs(Number(row[k]) - Number(expected[i][k])) < 0.0011, `${row} for ${expected[i]}`);
      }
      const merged =
        parts.length < 2
          ? parts
          : [
              {
                boxes: joined(parts.map(({ boxes }) => boxes)),
                scores: Float32Array.from(parts.flatMap(({ scores }) => [...scores])),
                labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
              },
            ];
      assert.ok(bytesOf(output.write(slide, merged)).equals(bytes), "the same bytes for one part");
    }
  });

const joined = (parts: readonly Float64Array[]): Float64Array => Float64Array.from(parts.flatMap((part) => [...part]));

test("bad tiles and microns are in the files that have a place for them", () => {
  const [written] = [bytesOf(requireOutput("a.parquet").write(slide, partsOf(2)))];
  const { key_value_metadata } = parquetMetadata(arrayBuffer(written));
  assert.deepEqual(Object.fromEntries((key_value_metadata ?? []).map(({ key, value }) => [key, JSON.parse(value ?? "")])), {
    slide: "a, b.svs",
    width: 50_000,
    height: 40_000,
    mpp: slide.mpp,
    badTiles: slide.badTiles,
  });
  const geojson = (badTiles: readonly string[]) =>
    bytesOf(requireOutput("a.geojson").write({ ...slide, badTiles }, [])).toString();
  assert.deepEqual(JSON.parse(geojson(slide.badTiles)).badTiles, slide.badTiles);
  assert.equal(geojson([]), '{"type":"FeatureCollection","features":[\n]}\n');
});

test("without microns their columns are empty or missing", async () => {
  const unknown = { ...slide, mpp: null };
  const [csvRow] = parse(bytesOf(requireOutput("a.csv").write(unknown, partsOf(1))), { columns: true }) as TableRow[];
  assert.deepEqual([csvRow.x_um, csvRow.height_um], ["", ""]);
  const bytes = bytesOf(requireOutput("a.parquet").write(unknown, partsOf(1)));
  const [row] = await parquetReadObjects({ file: arrayBuffer(bytes) });
  assert.deepEqual(Object.keys(row), ["x_px", "y_px", "width_px", "height_px", "class", "score"]);
});

test("a file's kind is known by its end", () => {
  assert.equal(outputFor("x/CELLS.GeoJSON.GZ")?.extension, ".geojson.gz");
  assert.equal(outputFor("a.geojson")?.extension, ".geojson");
  assert.equal(outputFor("a.txt"), undefined);
  assert.throws(() => requireOutput("a.txt"), {
    name: "UserError",
    message: /^a\.txt: expected a name that ends with \.geojson\.gz, /,
  });
});
