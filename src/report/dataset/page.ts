// A dataset as one self-contained HTML page: pictures with their annotations, and the statistics. No script, nothing loaded
// from anywhere (its own policy forbids both), so that it can be mailed, archived and opened offline.

import { basename, resolve } from "node:path";
import { type Dataset, type DatasetImage, imagesOf, type Split } from "../../data/dataset.ts";
import { readDatasetImage } from "../../data/dataset-image.ts";
import { type DatasetInfo, datasetInfo, type SplitInfo } from "../../data/dataset-info.ts";
import { UserError } from "../../errors.ts";
import { writeFileAtomic } from "../../files/atomic-write.ts";
import { formatNumber, formatPercent } from "../comparison/table.ts";
import { Html, html } from "../document/html.ts";
import { pageStyle } from "../document/style.ts";
import {
  type AnnotatedImage,
  annotatedImage,
  annotationStyle,
  type Layer,
  layerKey,
  layers,
} from "../figures/annotated-image.ts";
import { thumbnail } from "../figures/thumbnail.ts";
import { datasetHistograms, histogramStyle } from "./histograms.ts";

export interface DatasetPageOptions {
  /** Most images to show; the statistics count all. */
  readonly images: number;
  /** Only this split. */
  readonly split?: Split;
  readonly onImage?: (done: number, total: number) => void;
}

/**
 * Writes the page to `file`, whole or not at all; returns how many images it shows. They are spread evenly over the dataset.
 * Throws a UserError when the split has no image, when an image cannot be read, and when the file cannot be written.
 */
export async function writeDatasetPage(dataset: Dataset, file: string, options: DatasetPageOptions): Promise<number> {
  const { text, shown } = await renderDatasetPage(dataset, options);
  writeFileAtomic(file, text);
  return shown;
}

/** The page as HTML text, and how many images it shows. */
export async function renderDatasetPage(
  whole: Dataset,
  { images: most, split, onImage }: DatasetPageOptions,
): Promise<{ text: string; shown: number }> {
  const dataset = split === undefined ? whole : ofSplit(whole, split);
  if (dataset.images.length === 0) throw new UserError(`${whole.dir}: has no images${split ? ` of the ${split} split` : ""}`);
  const shown = spread(dataset.images, most);
  const pictures: AnnotatedImage[] = [];
  for (const image of shown) {
    pictures.push(await pictureOf(dataset, image));
    onImage?.(pictures.length, shown.length);
  }
  const info = datasetInfo(dataset);
  const title = `${basename(resolve(dataset.dir))}${split ? `, ${split} split` : ""}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Html(pageStyle + annotationStyle + histogramStyle + style + switchRules())}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="answer">${inOneSentence(info)}</p>
</header>
<main>
${contactSheet(dataset, shown, pictures)}
<section>
<h2>Statistics</h2>
${splitTable(info)}
${await datasetHistograms(dataset)}
${facts(dataset, info)}
</section>
${groupTable(dataset)}
</main>
</body>
</html>
`;
  return { text: page.text, shown: shown.length };
}

const LONGEST = 640; // pixels of a thumbnail: sharp where three stand beside each other, on screens of two pixels a point too

async function pictureOf(dataset: Dataset, image: DatasetImage): Promise<AnnotatedImage> {
  const { fileName: name, width, height, regions = [] } = image;
  const categories = new Map(dataset.categories.map((category) => [category.id, category]));
  const boxes = dataset.annotations
    .filter(({ imageId }) => imageId === image.id)
    .map(({ box, categoryId, hidden }) => {
      const { name = "", negative = false } = categories.get(categoryId) ?? {};
      return { box, category: name, layer: negative ? "negative" : hidden ? "hidden" : "visible" } as const;
    });
  return { name, width, height, regions, boxes, jpeg: await thumbnail(await readDatasetImage(dataset.dir, image), LONGEST) };
}

function ofSplit({ dir, images, annotations, categories }: Dataset, split: Split): Dataset {
  const own = imagesOf({ images }, split);
  const ids = new Set(own.map(({ id }) => id));
  return { dir, images: own, annotations: annotations.filter(({ imageId }) => ids.has(imageId)), categories };
}

function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]);
}

function inOneSentence({ images, groups, splits, categories }: DatasetInfo): string {
  const all = [splits.train, splits.test];
  const sum = (key: "visible" | "hidden" | "hardNegatives"): number => all.reduce((sum, split) => sum + split[key], 0);
  const [visible, hidden, negatives] = [sum("visible"), sum("hidden"), sum("hardNegatives")];
  const names = categories.filter(({ negative }) => !negative).map(({ name }) => `“${name}”`);
  const { visible: seen, hidden: unseen } = splits.train;
  const sparse =
    hidden === 0
      ? ""
      : ` Training sees ${formatPercent(seen / (seen + unseen))} of its cells: ${count(unseen)} of ${count(seen + unseen)} are hidden.`;
  const hard = negatives === 0 ? "" : `, and ${plural(negatives, "hard negative")}`;
  return `${plural(images, "image")} of ${plural(groups, "group")} with ${plural(visible + hidden, "annotated cell")} (${names.join(", ")})${hard}.${sparse}`;
}

function contactSheet({ images }: Dataset, shown: readonly DatasetImage[], pictures: readonly AnnotatedImage[]): Html {
  if (pictures.length === 0) return html``;
  const used = new Set(
    pictures.flatMap(({ boxes, regions }): Layer[] => [...boxes.map(({ layer }) => layer), ...regions.map(({ kind }) => kind)]),
  );
  const switches = [...layers]
    .reverse()
    .filter(({ key }) => used.has(key))
    .map(({ key, label }) => html`<label><input type="checkbox" id="show-${key}" checked>${layerKey(key)} ${label}</label>`);
  const figures = pictures.map((picture, i) => {
    const { group, split } = shown[i];
    const counts = layers
      .map(({ key }) => [key, picture.boxes.filter(({ layer }) => layer === key).length] as const)
      .filter(([, n]) => n > 0)
      .reverse();
    return html`
<figure class="picture">
${annotatedImage(picture, i)}
<figcaption><b><bdi>${picture.name}</bdi></b><span>${split}</span><span><bdi>${group}</bdi></span>${counts.map(
      ([key, n]) => html`<span>${layerKey(key)} ${n}</span>`,
    )}</figcaption>
</figure>`;
  });
  const which =
    shown.length === images.length ? "All images" : `${shown.length} of ${count(images.length)} images, evenly spread`;
  return html`<section class="patches">
<h2>Images</h2>
<p class="quiet">${which}. A box's class shows when the mouse rests on it.</p>
${switches.length === 0 ? html`` : html`<fieldset class="switches"><legend>Show</legend>${switches}</fieldset>`}
<div class="pictures">${figures}
</div>
</section>`;
}

function splitTable({ splits }: DatasetInfo): Html {
  const columns: readonly (readonly [string, (split: SplitInfo) => string])[] = [
    ["images", ({ images }) => count(images)],
    ["groups", ({ groups }) => count(groups)],
    ["cells", ({ visible, hidden }) => count(visible + hidden)],
    ["visible", ({ visible }) => count(visible)],
    ["hidden", ({ hidden }) => count(hidden)],
    ["hard negatives", ({ hardNegatives }) => count(hardNegatives)],
    ["visible on an image", ({ visiblePerImage: q }) => (q ? `${formatNumber(q.median)} (${q.min} to ${q.max})` : "–")],
    ["images without visible", ({ imagesWithoutVisible }) => count(imagesWithoutVisible)],
  ];
  const rows = (["train", "test"] as const).filter((name) => splits[name].images > 0);
  return table(
    ["split", ...columns.map(([label]) => label)],
    rows.map((name) => [name, ...columns.map(([, cell]) => cell(splits[name]))]),
  );
}

const MOST_GROUPS = 200; // rows that a page still shows well

function groupTable({ images, annotations, categories }: Dataset): Html {
  const negative = new Set(categories.filter(({ negative }) => negative).map(({ id }) => id));
  const groups = new Map<string, { splits: Set<string>; images: number; visible: number; hidden: number; negatives: number }>();
  const groupOf = new Map(images.map(({ id, group }) => [id, group]));
  for (const { group, split } of images) {
    const row = groups.get(group) ?? { splits: new Set(), images: 0, visible: 0, hidden: 0, negatives: 0 };
    row.splits.add(split);
    row.images++;
    groups.set(group, row);
  }
  for (const { imageId, categoryId, hidden } of annotations) {
    const row = groups.get(groupOf.get(imageId) ?? "");
    if (row) row[negative.has(categoryId) ? "negatives" : hidden ? "hidden" : "visible"]++;
  }
  const rows = [...groups]
    .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
    .slice(0, MOST_GROUPS)
    .map(([group, { splits, images, visible, hidden, negatives }]) => [
      group,
      [...splits].sort().reverse().join(", "),
      ...[images, visible + hidden, visible, hidden, negatives].map(count),
    ]);
  const more =
    groups.size > MOST_GROUPS ? html`<p class="quiet">And ${count(groups.size - MOST_GROUPS)} more groups.</p>` : html``;
  return html`<section>
<h2>Groups</h2>
<p class="quiet">Slides or patients, which folds never split.</p>
${table(["group", "split", "images", "cells", "visible", "hidden", "hard negatives"], rows)}
${more}
</section>`;
}

function facts({ images }: Dataset, { categories, regions, imageSizes, boxWidth, boxHeight }: DatasetInfo): Html {
  const classes = categories.map(
    ({ name, annotations, negative }) => `${name}: ${count(annotations)}${negative ? " (hard negatives)" : ""}`,
  );
  const sizes = imageSizes.slice(0, 5).map(({ width, height, images }) => `${width} × ${height} (${count(images)})`);
  if (imageSizes.length > 5) sizes.push(`${count(imageSizes.length - 5)} other sizes`);
  const mpps = [...new Set(images.map(({ mpp }) => (mpp === undefined ? "unknown" : `${mpp} µm`)))];
  const items = [
    ["classes", classes.join(", ")],
    ["image sizes", `${sizes.join(", ")} pixels`],
    ["size of a pixel", mpps.length > 5 ? `${mpps.length} different sizes` : mpps.join(", ")],
    ...(boxWidth && boxHeight
      ? [["median box", `${formatNumber(boxWidth.median)} × ${formatNumber(boxHeight.median)} pixels`]]
      : []),
    ...(regions.complete + regions.ignore > 0
      ? [["regions", `${regions.complete} where every cell is annotated, ${regions.ignore} where nothing is judged`]]
      : []),
  ];
  return html`<dl>${items.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}

/** Columns of nothing but zeros are left out. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): Html {
  const told = header.map((_, column) => rows.some((row) => row[column] !== "0"));
  const lines = rows.map(
    ([name, ...cells]) => html`
<tr><th scope="row"><bdi>${name}</bdi></th>${cells.filter((_, i) => told[i + 1]).map((cell) => html`<td>${cell}</td>`)}</tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table by ${header[0]}">
<table>
<thead><tr>${header.filter((_, i) => i === 0 || told[i]).map((label) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${lines}
</tbody>
</table>
</div>`;
}

/** A whole number with its thousands apart. */
const count = (n: number): string => n.toLocaleString("en-US");

const plural = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

/** A switch that is off hides its layer, without a script. */
const switchRules = (): string =>
  layers
    .map(({ key }) => `.patches:has(#show-${key}:not(:checked)) .picture svg[role=img] g.${key} { display: none; }`)
    .join("\n");

const style = `
.scroll { max-height: 32rem; overflow: auto; }
@media print { .scroll { max-height: none; } }
`;
