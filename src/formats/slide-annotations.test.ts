// Slides with the annotations of each tool that draws on slides: from its file to the windows of a dataset.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readDataset } from "../data/dataset-folder.ts";
import { pyramid, writeSlide } from "../slides/slide.fixture.ts";
import { type ImportOptions, importDataset } from "./import.ts";
import { importFormats } from "./index.ts";
import { APERIO, type Cell, cells, drawn, HEIGHT, requireCells, SIDE, WIDTH } from "./made-cells.fixture.ts";

const dir = mkdtempSync(join(tmpdir(), "slide-annotations-"));
after(() => rmSync(dir, { recursive: true }));
const slides = join(dir, "slides");

before(async () => {
  mkdirSync(slides);
  const levels = pyramid(drawn(), 600);
  await writeSlide(join(slides, "case 1.svs"), { levels, compression: "deflate", description: APERIO });
  await writeSlide(join(slides, "002.tiff"), { levels, compression: "deflate", resolution: 20_000 });
});

async function imported(name: "asap" | "imagescope", file: string, text: string, options: Partial<ImportOptions> = {}) {
  const folder = join(dir, name);
  mkdirSync(folder);
  const annotations = join(folder, file);
  writeFileSync(annotations, text);
  const source = await importFormats[name].read({ images: slides, annotations });
  const out = join(dir, `${name}-dataset`);
  const { dataset, report } = await importDataset({ source, images: slides, box: SIDE, out, ...options });
  await requireCells(out, [1, 1]);
  assert.deepEqual(readDataset(out).images, dataset.images);
  assert.ok(dataset.images.length > 1 && dataset.images.every(({ mpp }) => mpp === 0.5));
  assert.deepEqual([report.slides?.slides, report.slides?.windows], [1, dataset.images.length]);
  return { dataset, report };
}

const corners = ({ x, y }: Cell): [number, number][] => [
  [x, y],
  [x + SIDE, y],
  [x + SIDE, y + SIDE],
  [x, y + SIDE],
];
/** All of the slide's first cluster, and a corner without cells. */
const [COUNTED, CORNER]: [number, number][][] = [
  [[0, 0], [1200, 0], [1200, 700], [0, 700]], // biome-ignore format: one ring
  [[1900, 20], [2080, 20], [2080, 200], [1900, 200]], // biome-ignore format: one ring
];

test("ASAP: dots, polygons, and a group that is a complete region", async () => {
  const shape = (type: string, group: string, points: readonly (readonly [number, number])[]) =>
    `<Annotation Name="a" Type="${type}" PartOfGroup="${group}" Color="#F4FA58"><Coordinates>${points
      .map(([x, y], i) => `<Coordinate Order="${i}" X="${x}" Y="${y}" />`)
      .join("")}</Coordinates></Annotation>`;
  const shapes = cells.map((cell, i) =>
    i % 2 === 0 ? shape("Dot", "mitosis", [[cell.x + SIDE / 2, cell.y + SIDE / 2]]) : shape("Polygon", "mitosis", corners(cell)),
  );
  const text = `<?xml version="1.0"?>\n<ASAP_Annotations><Annotations>${[...shapes, shape("Rectangle", "counted", COUNTED)].join("\n")}</Annotations><AnnotationGroups/></ASAP_Annotations>`;
  const { dataset, report } = await imported("asap", "case 1.xml", text, { completeClass: "counted" });
  assert.deepEqual([report.annotations.kept, report.regions], [cells.length, { complete: 1, ignore: 0 }]);
  assert.deepEqual(
    dataset.categories.map(({ name }) => name),
    ["mitosis"],
  );
  assert.deepEqual(new Set(dataset.images.map(({ group }) => group)), new Set(["case 1"]));
});

test("ImageScope: regions of a layer, microns, and a negative region", async () => {
  const region = (attributes: string, points: readonly (readonly [number, number])[]) =>
    `<Region ${attributes}><Vertices>${points.map(([x, y]) => `<Vertex X="${x}" Y="${y}" Z="0" />`).join("")}</Vertices></Region>`;
  const regions = [...cells.map((cell) => region('Type="1"', corners(cell))), region('Type="1" NegativeROA="1"', CORNER)];
  const text = `<Annotations MicronsPerPixel="0.5"><Annotation Id="1" Name="Tumor"><Regions>\n${regions.join("\n")}</Regions></Annotation></Annotations>`;
  const { dataset, report } = await imported("imagescope", "case 1.xml", text);
  assert.deepEqual([report.annotations.kept, report.regions], [cells.length, { complete: 0, ignore: 1 }]);
  assert.deepEqual(
    dataset.categories.map(({ name }) => name),
    ["Tumor"],
  );
});

test("MIDOG: boxes of 50 pixels around figures and hard negatives of a slide", async () => {
  const annotations = cells.map(({ x, y }, i) => {
    const [cx, cy] = [x + SIDE / 2, y + SIDE / 2];
    return { id: i + 1, image_id: 2, category_id: 1 + (i % 2), bbox: [cx - 25, cy - 25, cx + 25, cy + 25], labels: [] };
  });
  const images = [1, 2].map((id) => ({ id, file_name: `00${id}.tiff`, width: WIDTH, height: HEIGHT }));
  const categories = [
    { id: 1, name: "mitotic figure" },
    { id: 2, name: "hard negative" },
  ];
  const folder = join(dir, "midog");
  mkdirSync(folder);
  const file = join(folder, "MIDOG.json");
  writeFileSync(file, JSON.stringify({ images, categories, annotations }));
  const source = await importFormats.midog.read({ images: slides, annotations: file });
  const out = join(dir, "midog-dataset");
  const { dataset, report } = await importDataset({ source, images: slides, box: SIDE, out });
  const { kept, hardNegatives, clipped } = report.annotations;
  assert.deepEqual([kept, hardNegatives, report.images.unlabelled], [cells.length, cells.length / 2, 0]);
  assert.ok(clipped < 20, "only those at the slide's edge");
  assert.deepEqual([report.slides?.slides, report.slides?.windows], [1, dataset.images.length]);
  assert.ok(dataset.images.every(({ mpp, fileName }) => mpp === 0.5 && fileName.startsWith("002-x")));
});
