import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, readerOf } from "../annotations.fixture.ts";
import { readQupath } from "./read.ts";

const { read, errorOf } = readerOf(readQupath, ["a.png", "b.tif", "sub/c.1.png"]);

type Point = readonly [number, number];
const square = (x: number, y: number, side: number): Point[] => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
  [x, y],
];
const ring = (x: number, y: number, side: number) => [x, y, x + side, y, x + side, y + side, x, y + side];
const polygon = (...rings: Point[][]) => ({ type: "Polygon", coordinates: rings });
const feature = (geometry: object | null, properties: object = {}, more = {}) => ({
  type: "Feature",
  geometry,
  properties,
  ...more,
});

/** One feature a line, from line 2. */
const list = (...features: object[]) => `[\n${features.map((feature) => JSON.stringify(feature)).join(",\n")}\n]`;
const collection = (...features: object[]) => `{"type": "FeatureCollection", "features": ${list(...features)}}`;

const marksOf = (text: string) => read({ "a.geojson": text }).images[0].marks.map(brief);

test("geometries: points, outlines with holes, a cell for each piece of an annotation; lines are unread", () => {
  const { images, notes } = read({
    "a.geojson": collection(
      feature(
        { type: "Point", coordinates: [1.25, 2] },
        { objectType: "annotation", classification: { name: "Tumor", color: [200, 0, 0] } },
      ),
      feature({ type: "MultiPoint", coordinates: [[3, 4], [5, 6, 0]], plane: { c: -1, z: 0, t: 0 } }), // biome-ignore format: two points
      feature(polygon(square(0, 0, 30), square(10, 10, 5)), { classification: "Stroma" }),
      feature({ type: "MultiPolygon", coordinates: [[square(0, 0, 3)], [square(9, 9, 3)]] }),
      feature({ ...polygon(square(5, 5, 4)), isEllipse: true }),
      feature({ type: "LineString", coordinates: [[0, 0], [9, 9]] }), // biome-ignore format: one line
      feature(null),
    ),
  });
  assert.equal(images[0].name, "a");
  assert.deepEqual(images[0].marks.map(brief), [
    ["Tumor", 2, "point", [1.25, 2]],
    [null, 3, "point", [3, 4]],
    [null, 3, "point", [5, 6]],
    ["Stroma", 4, "outline", [ring(0, 0, 30), ring(10, 10, 5)]],
    [null, 5, "outline", [ring(0, 0, 3)]],
    [null, 5, "outline", [ring(9, 9, 3)]],
    [null, 6, "outline", [ring(5, 5, 4)]],
  ]);
  assert.deepEqual(
    images[0].unread?.map(({ kind, place, line }) => [kind, place, line]),
    [
      ["LineString", { kind: "outline", rings: [[0, 0, 9, 9]] }, 7],
      ["object without geometry", undefined, 8],
    ],
  );
  assert.deepEqual(notes, ["1 objects of several parts became 2 cells, one for each part"]);
});

test("an object that gives nothing is unread, never an image without cells", () => {
  const cases: readonly (readonly [object | null, string])[] = [
    [null, "object without geometry"],
    [{ type: "MultiPolygon", coordinates: [] }, "empty MultiPolygon"],
    [{ type: "MultiPolygon", coordinates: [[]] }, "empty MultiPolygon"],
    [{ type: "Polygon", coordinates: [] }, "empty Polygon"],
    [{ type: "Polygon", coordinates: [[]] }, "empty Polygon"],
    [{ type: "MultiPoint", coordinates: [] }, "empty MultiPoint"],
    [{ type: "MultiLineString", coordinates: [] }, "empty MultiLineString"],
    [{ type: "GeometryCollection", geometries: [] }, "empty GeometryCollection"],
  ];
  for (const [geometry, kind] of cases) {
    const [{ marks, unread, unlabelled }] = read({ "a.geojson": collection(feature(geometry)) }).images;
    assert.deepEqual([marks, unread?.map((mark) => [mark.kind, mark.place]), unlabelled], [[], [[kind, undefined]], undefined]);
  }
  const cell = feature(polygon(square(5, 5, 4)), { objectType: "cell" }, { nucleusGeometry: cases[1][0] });
  assert.deepEqual(marksOf(collection(cell)), [[null, 2, "outline", [ring(5, 5, 4)]]]);
});

test("an image with nothing but tiles or cores is unlabelled; beside marks they are skipped", () => {
  const tile = feature(polygon(square(5, 5, 4)), { objectType: "tile" });
  const core = feature(polygon(square(0, 0, 40)), { objectType: "tmaCore" });
  const point = feature({ type: "Point", coordinates: [1, 2] });
  const unlabelled = (...features: object[]) => read({ "a.geojson": collection(...features) }).images[0].unlabelled;
  assert.deepEqual(
    [unlabelled(tile, tile), unlabelled(core), unlabelled(tile, point), unlabelled()],
    [true, true, undefined, undefined],
  );
  const { notes } = read({ "a.geojson": collection(tile, point) });
  assert.match(notes?.[0] ?? "", /^skipped 1 tile: only points and closed shapes/);
  const both = read({ "a.geojson": collection(tile), "a.png-points.tsv": "x\ty\n1\t2\n" });
  assert.deepEqual([both.images.length, both.images[0].marks.length, both.images[0].unlabelled], [1, 1, undefined]);
});

test("pieces: each is a cell of an annotation; of a cell or a detection they stay together if close; a region is whole", () => {
  const pieces = (...corners: number[]) => ({
    type: "MultiPolygon",
    coordinates: corners.map((x) => [square(x, 0, 8)]),
  });
  const classified = { classification: { name: "Counted" } };
  const text = collection(
    feature(pieces(0, 9, 40), { objectType: "annotation", ...classified }),
    feature(pieces(0, 9), { objectType: "cell" }),
    feature(pieces(0, 9, 40), { objectType: "detection" }),
    feature(pieces(60), { objectType: "cell" }, { nucleusGeometry: pieces(61, 70) }),
    feature({ type: "GeometryCollection", geometries: [pieces(0, 20), { type: "Point", coordinates: [3, 4] }, { type: "Curve" }] }, classified),
    feature(pieces(0, 40), { metadata: { region: "ignore" } }),
  ); // biome-ignore format: one feature a line
  const outlines = (options: object) => {
    const { images } = read({ "a.geojson": text }, options);
    return images[0].marks.map(({ line, place }) => [line, place.kind === "outline" ? place.rings.map(([x]) => x) : place.kind]);
  };
  assert.deepEqual(outlines({}), [
    [2, [0]],
    [2, [9]],
    [2, [40]],
    [3, [0, 9]],
    [4, [0, 9]],
    [4, [40]],
    [5, [61, 70]],
    [6, "point"],
    [6, [0]],
    [6, [20]],
    [7, [0, 40]],
  ]);
  assert.deepEqual(outlines({ completeClass: "Counted" }).slice(0, 3), [
    [2, [0, 9, 40]],
    [3, [0, 9]],
    [4, [0, 9]],
  ]);
  const { images } = read({ "a.geojson": text });
  assert.deepEqual(
    images[0].unread?.map(({ kind, place }) => [kind, place]),
    [["Curve", undefined]],
  );
});

test("points and regions of one image in two files belong together, and a note says so", () => {
  const { images, notes } = read({
    "a.png-points.tsv": "x\ty\tclass\n3\t4\tMitosis\n",
    "a.geojson": collection(feature(polygon(square(0, 0, 30)), { classification: "Counted" })),
    "b.geojson": "[]",
  });
  assert.deepEqual(
    images.map(({ name, marks }) => [name, marks.map(({ label }) => label)]),
    [
      ["a", ["Counted", "Mitosis"]],
      ["b", []],
    ],
  );
  assert.deepEqual(notes, [
    '1 images have several files, whose marks were put together, for instance "a": a.geojson, a.png-points.tsv',
  ]);
});

test("measurements that QuPath before 0.5 wrote as bare NaN do no harm; a coordinate is refused", () => {
  const text = (x: string) =>
    `[{"type": "Feature", "geometry": {"type": "Point", "coordinates": [${x}, 2]}, "properties": {\n"measurements": {"a": NaN, "b": -Infinity}}}]`;
  assert.deepEqual(marksOf(text("1")), [[null, 1, "point", [1, 2]]]);
  assert.equal(
    errorOf({ "a.geojson": text("NaN") }),
    'a.geojson:1: [0].geometry.coordinates[0]: expected a finite number, got "NaN"',
  );
});

test("objects: cells by their nucleus; tiles, cores and annotations around detections are skipped", () => {
  const classified = { classification: { name: "Ignore*" } };
  const { images, notes } = read({
    "a.geojson": collection(
      feature(polygon(square(0, 0, 90)), { objectType: "annotation", isLocked: true }),
      feature(polygon(square(0, 0, 20)), { objectType: "annotation", ...classified }),
      feature(polygon(square(0, 0, 21)), { objectType: "annotation", metadata: { region: "complete" } }),
      feature(polygon(square(1, 1, 9)), { objectType: "cell" }, { nucleusGeometry: polygon(square(3, 3, 4)) }),
      feature(polygon(square(2, 2, 9)), { objectType: "cell" }),
      feature(polygon(square(3, 3, 9)), { object_type: "detection", measurements: { score: 0.5 } }),
      feature(polygon(square(0, 0, 9)), { objectType: "tile" }),
      feature(polygon(square(0, 0, 9)), {
        objectType: "tmaCore",
        childObjects: [feature({ type: "Point", coordinates: [7, 8] })],
      }),
    ),
  });
  assert.deepEqual(images[0].marks.map(brief), [
    ["Ignore*", 3, "outline", [ring(0, 0, 20)]],
    [null, 4, "outline", [ring(0, 0, 21)], "complete"],
    [null, 5, "outline", [ring(3, 3, 4)]],
    [null, 6, "outline", [ring(2, 2, 9)]],
    [null, 7, "outline", [ring(3, 3, 9)]],
    [null, 9, "point", [7, 8]],
  ]);
  assert.match(notes?.[0] ?? "", /^skipped 1 annotation around detections, 1 tile, 1 tmacore: /);
});

test("every version: classes of classes, types in the id, a bare list, a single feature", () => {
  const at = { type: "Point", coordinates: [1, 2] };
  const labels = (...classifications: unknown[]) =>
    marksOf(list(...classifications.map((classification) => feature(at, { classification })))).map(([label]) => label);
  assert.deepEqual(
    labels(
      { names: ["Tumor", "Positive"], color: [1, 2, 3] },
      { name: "Tumor: Positive", colorRGB: -3670016 },
      { parentClass: { parentClass: { name: "Tumor" }, name: "CD3" }, name: "CD8", colorRGB: -1 },
      { name: null },
      null,
      "",
      {},
    ),
    ["Tumor: Positive", "Tumor: Positive", "Tumor: CD3: CD8", null, null, null, null],
  );
  const old = (id: string, geometry: object) =>
    feature(geometry, { classification: { name: "x", colorRGB: -1 }, isLocked: false }, { id });
  const version2 = list(
    old("PathAnnotationObject", at),
    old("PathTileObject", at),
    old("TMACoreObject", at),
    old("PathRootObject", at),
    old("PathCellObject", polygon(square(0, 0, 2))),
  );
  assert.deepEqual(marksOf(version2), [
    ["x", 2, "point", [1, 2]],
    ["x", 6, "outline", [ring(0, 0, 2)]],
  ]);
  assert.deepEqual(marksOf(JSON.stringify(feature(at, { objectType: "annotation" }, { id: "0b1c" }))), [
    [null, 1, "point", [1, 2]],
  ]);
  assert.deepEqual(marksOf(collection()), []);
  assert.deepEqual(marksOf("[]"), []);
});

test("nested objects are read in order, however deep", () => {
  const depth = 5000;
  const open = (x: number) =>
    `{"type": "Feature", "geometry": {"type": "Point", "coordinates": [${x}, 0]}, "properties": {"childObjects": [`;
  const text = Array.from({ length: depth }, (_, x) => open(x)).join("") + "]}}".repeat(depth);
  const { marks } = read({ "a.geojson": text }).images[0];
  assert.deepEqual(
    marks.map(({ place }) => place.kind === "point" && place.x),
    Array.from({ length: depth }, (_, x) => x),
  );
});

test("points in a table", () => {
  const { images, notes } = read({
    "a.png-points.tsv":
      "x\ty\tz\tclass\tname\tcolor\t\r\n10.5\t20.0\t0\tTumor: Positive\t\t-3670016\r\n1\t2\t0\t\tPoints 1\t\r\n\r\n",
    "b.tsv": '"X"\t"Y"\t"class"\n"3"\t"4"\t"a ""b"""\n5\t6\n7\t8\tnull',
    "sub/c.1.png.tsv": "x\ty\t\n",
  });
  assert.deepEqual(
    images.map(({ name, marks }) => [name, marks.map(brief)]),
    [
      [
        "a.png",
        [
          ["Tumor: Positive", 2, "point", [10.5, 20]],
          [null, 3, "point", [1, 2]],
        ],
      ],
      [
        "b",
        [
          ['a "b"', 2, "point", [3, 4]],
          [null, 3, "point", [5, 6]],
          [null, 4, "point", [7, 8]],
        ],
      ],
      ["sub/c.1.png", []],
    ],
  );
  assert.deepEqual(notes, []);
});

test("files are named after images, in separate folders or not", () => {
  const { images } = read({ "x/a.png.geojson": "[]", "b.geojson": "[]", "c.1.json": "[]", "lost/d.geojson": "[]" });
  assert.deepEqual(
    images.map(({ name }) => name),
    ["b", "c.1", "lost/d", "x/a.png"],
  );
});

test("every error is one line with file, line and path", () => {
  const error = (...features: object[]) => errorOf({ "a.geojson": collection(...features) });
  assert.equal(
    error(feature(polygon(square(0, 0, 2))), feature({ type: "Polygon", coordinates: [[[1, 2], [3]]] })),
    "a.geojson:3: features[1].geometry.coordinates[0][1]: expected [x, y], two finite numbers of pixels",
  );
  assert.equal(
    error(feature({ type: "Point", coordinates: [1, null] })),
    "a.geojson:2: features[0].geometry.coordinates[1]: is missing; expected a finite number",
  );
  assert.equal(error(feature({ coordinates: [1, 2] })), "a.geojson:2: features[0].geometry.type: is missing; expected text");
  assert.match(error(feature({ type: "Polygon", coordinates: [5] })), /coordinates\[0\]: expected a list of \[x, y\]$/);
  assert.match(error({ type: "Polygon" }), /^a\.geojson:2: features\[0\]: expected a GeoJSON feature/);
  assert.match(errorOf({ "a.json": '{"images": []}' }), /^a\.json:1: expected a GeoJSON feature/);
  assert.match(errorOf({ "a.geojson": "" }), /^a\.geojson:1: is not valid JSON/);
  assert.match(errorOf({ "a.geojson.gz": "" }), /^a\.geojson\.gz: is an archive/);
  assert.equal(errorOf({ "a.tsv": "x\ty\n1\t2\n3\t?\n" }), 'a.tsv:3: y: expected a number, got "?"; correct the line');
  assert.equal(errorOf({ "a.tsv": "x\ty\n1\n" }), 'a.tsv:2: y: expected a number, got ""; correct the line');
  assert.match(errorOf({ "a.tsv": "Image\tCentroid X\n" }), /^a\.tsv:1: the header has no columns x and y/);
  assert.match(errorOf({ "a.tsv": "" }), /^a\.tsv:1: the header has no columns x and y/);
});

test("a core of a microarray with more cells than a call can have arguments", () => {
  const cell = `{"type":"Feature","geometry":null,"properties":{"objectType":"cell"}}`;
  const text = `{"type":"Feature","geometry":null,"properties":{"childObjects":[${`${cell},`.repeat(200_000)}${cell}]}}`;
  assert.equal(read({ "a.geojson": text }).images[0].unread?.length, 200_002);
});
