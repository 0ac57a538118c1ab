// Held-out patches as pictures side by side, one per method: what it found, missed and marked wrongly. A patch's image is in the
// page once; all pictures but the first take it by reference.

import type { Box } from "../../geometry/box.ts";
import type { ComparedMethod, ComparedPatch, PatchResult, ScoredBox } from "../../runs/comparison.ts";
import { Html, html } from "../document/html.ts";
import { layerKey } from "./picture-layers.ts";

interface PatchPlace {
  readonly methods: readonly Pick<ComparedMethod, "name" | "label">[];
  /** Makes the ids on the page unique. */
  readonly index: number;
}

/** The pictures of one patch. */
export function patchFigure(patch: ComparedPatch, place: PatchPlace): Html {
  const pictures = patchPictures(patch, place).map(
    ({ method, label, svg, result }) => html`
<figure class="picture" data-method="${method}">
${svg}
<figcaption><b>${label}</b> ${tally(result)}</figcaption>
</figure>`,
  );
  return html`<article class="patch">
<h3><bdi>${patch.name}</bdi> <small>${patch.width} × ${patch.height} pixels, ${patch.truths.length} annotated</small></h3>
<div class="pictures">${pictures}
</div>
</article>`;
}

/** One picture per method, as <svg> elements. */
export function patchPictures(patch: ComparedPatch, { methods, index }: PatchPlace) {
  return patch.results.map((result, i) => {
    const { method } = result;
    const label = methods.find(({ name }) => name === method)?.label ?? method;
    const image = i === 0 ? imageElement(patch, index) : html`<use href="#patch-${index}"/>`;
    return { method, label, result, svg: picture(patch, { result, image, label, hatch: `hatch-${index}` }) };
  });
}

function imageElement({ image, width, height }: ComparedPatch, index: number): Html {
  const type = image[0] === 0xff && image[1] === 0xd8 ? "jpeg" : "png";
  const data = Buffer.from(image.buffer, image.byteOffset, image.length).toString("base64");
  const size = Math.max(width, height) / 64; // a stripe keeps its width on the screen, whatever the patch's size
  return html`<defs><pattern id="hatch-${index}" width="${size}" height="${size}" patternUnits="userSpaceOnUse"
patternTransform="rotate(45)"><path d="M0 0v${size}" stroke-width="${size * 0.7}"/></pattern></defs>
<image id="patch-${index}" width="${width}" height="${height}" href="data:image/${type};base64,${new Html(data)}"/>`;
}

interface PictureParts {
  readonly result: PatchResult;
  readonly image: Html;
  readonly label: string;
  readonly hatch: string;
}

function picture({ name, width, height, truths }: ComparedPatch, { result, image, label, hatch }: PictureParts): Html {
  const { found, missed, wrong } = result;
  const scored = (kind: string) => (shown: ScoredBox) => rectangle(shown.box, `${kind}, score ${shown.score.toFixed(2)}`);
  const foundBoxes = found.map(({ box }) => box);
  const wrongBoxes = wrong.map(({ box }) => box);
  const inWords = `${name}, ${label}: ${found.length} found, ${missed.length} missed, ${wrong.length} wrong`;
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${inWords}">
${image}
<g class="wrong"><path class="halo" d="${outlines(wrongBoxes)}"/><path fill="url(#${hatch})" d="${outlines(wrongBoxes)}"/>
${wrong.map(scored("wrong"))}<path d="${crosses(wrongBoxes)}"/></g>
<g class="missed"><path class="halo" d="${outlines(missed)}"/>${missed.map((box) => rectangle(box, "missed"))}</g>
<g class="found"><path class="halo" d="${outlines(foundBoxes)}"/>${found.map(scored("found"))}</g>
<g class="truth"><path class="halo" d="${dots(truths)}"/><path d="${dots(truths)}"/></g>
</svg>`;
}

function tally({ found, missed, wrong }: PatchResult): Html {
  const counts = { found: found.length, missed: missed.length, wrong: wrong.length };
  return html`${Object.entries(counts).map(([kind, count]) => html`<span>${layerKey(kind)} ${count} ${kind}</span> `)}`;
}

const r = (value: number): number => Math.round(value * 10) / 10;

function rectangle([x1, y1, x2, y2]: Box, title: string): Html {
  return html`<rect x="${r(x1)}" y="${r(y1)}" width="${r(x2 - x1)}" height="${r(y2 - y1)}"><title>${title}</title></rect>`;
}

const outlines = (boxes: readonly Box[]): string =>
  boxes.map(([x1, y1, x2, y2]) => `M${r(x1)} ${r(y1)}H${r(x2)}V${r(y2)}H${r(x1)}Z`).join("");

const crosses = (boxes: readonly Box[]): string =>
  boxes.map(([x1, y1, x2, y2]) => `M${r(x1)} ${r(y1)}L${r(x2)} ${r(y2)}M${r(x2)} ${r(y1)}L${r(x1)} ${r(y2)}`).join("");

/** Lines without length: with round ends they are dots of the stroke's width. */
const dots = (boxes: readonly Box[]): string =>
  boxes.map(([x1, y1, x2, y2]) => `M${r((x1 + x2) / 2)} ${r((y1 + y2) / 2)}h0`).join("");
