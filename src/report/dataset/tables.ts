// What is in a dataset, by split and by group, and further facts.

import type { Dataset } from "../../data/dataset.ts";
import type { DatasetInfo, SplitInfo } from "../../data/dataset-info.ts";
import { factsHtml, scrollable } from "../document/blocks.ts";
import { type Html, html } from "../document/html.ts";
import { formatNumber, thousands } from "../document/words.ts";

export function splitTable({ splits }: DatasetInfo): Html {
  const columns: readonly (readonly [string, (split: SplitInfo) => string])[] = [
    ["images", ({ images }) => thousands(images)],
    ["groups", ({ groups }) => thousands(groups)],
    ["cells", ({ visible, hidden }) => thousands(visible + hidden)],
    ["visible", ({ visible }) => thousands(visible)],
    ["hidden", ({ hidden }) => thousands(hidden)],
    ["hard negatives", ({ hardNegatives }) => thousands(hardNegatives)],
    ["visible per image", ({ visiblePerImage: q }) => (q ? `${formatNumber(q.median)} (${q.min} to ${q.max})` : "–")],
    ["images without any", ({ imagesWithoutVisible }) => thousands(imagesWithoutVisible)],
  ];
  const rows = (["train", "test"] as const).filter((name) => splits[name].images > 0);
  return table(
    ["split", ...columns.map(([label]) => label)],
    rows.map((name) => [name, ...columns.map(([, cell]) => cell(splits[name]))]),
  );
}

const MOST_GROUPS = 200; // rows that a page still shows well

/** Slides or patients. */
export function groupTable({ images, annotations, categories }: Dataset): Html {
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
      ...[images, visible + hidden, visible, hidden, negatives].map(thousands),
    ]);
  const more =
    groups.size > MOST_GROUPS ? html`<p class="quiet">And ${thousands(groups.size - MOST_GROUPS)} more groups.</p>` : html``;
  return html`<p class="quiet">Slides or patients, which folds never split.</p>
${table(["group", "split", "images", "cells", "visible", "hidden", "hard negatives"], rows)}
${more}`;
}

export function datasetFacts(
  { images }: Dataset,
  { categories, regions, imageSizes, pixels, boxWidth, boxHeight }: DatasetInfo,
): Html {
  const classes = categories.map(
    ({ name, annotations, negative }) => `${name}: ${thousands(annotations)}${negative ? " (hard negatives)" : ""}`,
  );
  const sizes = imageSizes.slice(0, 5).map(({ width, height, images }) => `${width} × ${height} (${thousands(images)})`);
  if (imageSizes.length > 5) sizes.push(`${thousands(imageSizes.length - 5)} other sizes`);
  const mpps = [...new Set(images.map(({ mpp }) => (mpp === undefined ? "unknown" : `${mpp} µm`)))];
  return factsHtml([
    { label: "classes", value: classes.join(", ") },
    { label: "image sizes", value: `${sizes.join(", ")} pixels` },
    ...(pixels.length > 0 ? [{ label: "pixels", value: `${pixels.join("; ")}; the others as stored` }] : []),
    { label: "size of a pixel", value: mpps.length > 5 ? `${mpps.length} different sizes` : mpps.join(", ") },
    ...(boxWidth && boxHeight
      ? [{ label: "median box", value: `${formatNumber(boxWidth.median)} × ${formatNumber(boxHeight.median)} pixels` }]
      : []),
    ...(regions.complete + regions.ignore > 0
      ? [{ label: "regions", value: `${regions.complete} where every cell is annotated, ${regions.ignore} not judged` }]
      : []),
  ]);
}

/** Columns that are zero everywhere are left out. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): Html {
  const isShown = header.map((_, column) => rows.some((row) => row[column] !== "0"));
  const lines = rows.map(
    ([name, ...cells]) => html`
<tr><th scope="row"><bdi>${name}</bdi></th>${cells.filter((_, i) => isShown[i + 1]).map((cell) => html`<td>${cell}</td>`)}</tr>`,
  );
  return scrollable(
    `Table by ${header[0]}`,
    html`<table>
<thead><tr>${header.filter((_, i) => i === 0 || isShown[i]).map((label) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${lines}
</tbody>
</table>`,
  );
}
