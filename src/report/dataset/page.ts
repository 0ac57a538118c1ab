// A dataset as a page: pictures with their annotations, and the statistics.

import { basename, resolve } from "node:path";
import { spread } from "../../data/choose-images.ts";
import { type Dataset, type DatasetImage, imagesOf, type Split } from "../../data/dataset.ts";
import { type DatasetInfo, datasetInfo } from "../../data/dataset-info.ts";
import { choiceText } from "../../data/pixel-choice.ts";
import { UserError } from "../../errors.ts";
import { type Html, html } from "../document/html.ts";
import { renderPage } from "../document/page.ts";
import { counted, formatPercent, thousands } from "../document/words.ts";
import { annotationLayers, layerKey, layerSwitches } from "../figures/picture-layers.ts";
import { type AnnotatedImage, annotatedImage } from "./annotated-image.ts";
import { datasetHistograms } from "./histograms.ts";
import { datasetFacts, groupTable, splitTable } from "./tables.ts";

/** What of a dataset a page shows. */
export interface DatasetSelection {
  /** Only this split. */
  readonly split?: Split;
  /** Most images to show, spread evenly; the statistics count all. */
  readonly images: number;
}

/** The images that a page shows. Throws a UserError when the split has none. */
export function imagesToShow(dataset: Dataset, { split, images }: DatasetSelection): readonly DatasetImage[] {
  const all = imagesOf(dataset, split);
  if (all.length === 0) throw new UserError(`${dataset.dir}: has no images${split ? ` of the ${split} split` : ""}`);
  return spread(all, images);
}

/** The page as HTML text; `jpegs` are of `imagesToShow`, in their order and of any size. */
export async function renderDatasetPage(
  whole: Dataset,
  jpegs: readonly Uint8Array[],
  selection: DatasetSelection,
): Promise<string> {
  const { split } = selection;
  const dataset = split === undefined ? whole : ofSplit(whole, split);
  const shown = imagesToShow(whole, selection);
  const pictures = shown.map((image, i) => annotated(dataset, image, jpegs[i]));
  const info = datasetInfo(dataset);
  return renderPage({
    title: `${basename(resolve(dataset.dir))}${split ? `, ${split} split` : ""}`,
    header: html`<p class="answer">${inOneSentence(info)}</p>`,
    sections: [
      ...(pictures.length > 0 ? [{ title: "Images", body: contactSheet(dataset, shown, pictures) }] : []),
      { title: "Statistics", body: [splitTable(info), await datasetHistograms(dataset), datasetFacts(dataset, info)] },
      { title: "Groups", body: groupTable(dataset) },
    ],
  });
}

function annotated(dataset: Dataset, image: DatasetImage, jpeg: Uint8Array): AnnotatedImage {
  const { fileName: name, width, height, regions = [] } = image;
  const categories = new Map(dataset.categories.map((category) => [category.id, category]));
  const boxes = dataset.annotations
    .filter(({ imageId }) => imageId === image.id)
    .map(({ box, categoryId, hidden }) => {
      const { name = "", negative = false } = categories.get(categoryId) ?? {};
      return { box, category: name, layer: negative ? "negative" : hidden ? "hidden" : "visible" } as const;
    });
  return { name, width, height, regions, boxes, jpeg };
}

function ofSplit({ dir, images, annotations, categories }: Dataset, split: Split): Dataset {
  const ofTheSplit = imagesOf({ images }, split);
  const ids = new Set(ofTheSplit.map(({ id }) => id));
  return { dir, images: ofTheSplit, annotations: annotations.filter(({ imageId }) => ids.has(imageId)), categories };
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
      : ` Training sees ${formatPercent(seen / (seen + unseen))} of its cells: ${thousands(unseen)} of ${thousands(seen + unseen)} are hidden.`;
  const hard = negatives === 0 ? "" : `, and ${counted(negatives, "hard negative")}`;
  return `${counted(images, "image")} of ${counted(groups, "group")} with ${counted(visible + hidden, "annotated cell")} (${names.join(", ")})${hard}.${sparse}`;
}

function contactSheet({ images }: Dataset, shown: readonly DatasetImage[], pictures: readonly AnnotatedImage[]): Html {
  const used = new Set<string>(
    pictures.flatMap(({ boxes, regions }) => [...boxes.map(({ layer }) => layer), ...regions.map(({ kind }) => kind)]),
  );
  const layers = annotationLayers.filter(({ key }) => used.has(key));
  const figures = pictures.map((picture, i) => {
    const { group, split, pixels } = shown[i];
    const counts = annotationLayers
      .map(({ key }) => [key, picture.boxes.filter(({ layer }) => layer === key).length] as const)
      .filter(([, n]) => n > 0);
    return html`
<figure class="picture">
${annotatedImage(picture, i)}
<figcaption><b><bdi>${picture.name}</bdi></b><span>${split}</span><span><bdi>${group}</bdi></span>${counts.map(
      ([key, n]) => html`<span>${layerKey(key)} ${n}</span>`,
    )}${pixels ? html`<span>${choiceText(pixels) ?? ""}</span>` : ""}</figcaption>
</figure>`;
  });
  const which =
    shown.length === images.length ? "All images" : `${shown.length} of ${thousands(images.length)} images, evenly spread`;
  return html`<div class="patches">
<p class="quiet">${which}. Hover over a box to see its class.</p>
${layers.length === 0 ? html`` : layerSwitches(layers)}
<div class="pictures">${figures}
</div>
</div>`;
}
