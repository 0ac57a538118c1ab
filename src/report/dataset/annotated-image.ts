// An image of a dataset as a picture, with everything that is annotated on it.

import type { Box } from "../../geometry/box.ts";
import type { Region } from "../../geometry/region.ts";
import { Html, html } from "../document/html.ts";
import { annotationLayers } from "../figures/picture-layers.ts";

type Layer = (typeof annotationLayers)[number]["key"];

/** From the bottom of a picture to its top. */
const drawn = annotationLayers.map(({ key }) => key).reverse();

export interface AnnotatedImage {
  readonly name: string;
  /** In pixels, as boxes and regions are. */
  readonly width: number;
  readonly height: number;
  /** JPEG, of any size. */
  readonly jpeg: Uint8Array;
  readonly boxes: readonly { readonly box: Box; readonly category: string; readonly layer: "visible" | "hidden" | "negative" }[];
  readonly regions: readonly Region[];
}

/** The picture. `index` makes the ids on the page unique. */
export function annotatedImage({ name, width, height, jpeg, boxes, regions }: AnnotatedImage, index: number): Html {
  const data = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.length).toString("base64");
  const groups = drawn.map((key) => {
    if (key === "complete" || key === "ignore") {
      const shapes = regions.filter(({ kind }) => kind === key).map(({ rings }) => rings.map(ringPath).join(""));
      return shapes.length === 0 ? html`` : regionGroup(key, shapes, index);
    }
    return boxGroup(
      key,
      boxes.filter(({ layer }) => layer === key),
    );
  });
  const counts = drawn.map((key) => [boxes.filter(({ layer }) => layer === key).length, key] as const);
  const inWords = counts.filter(([n]) => n > 0).map(([n, key]) => `${n} ${key}`);
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${[name, ...inWords].join(", ")}">
${regions.length === 0 ? html`` : hatches(index, Math.max(width, height) / 64)}<image width="${width}" height="${height}" href="data:image/jpeg;base64,${new Html(data)}"/>
${groups}</svg>`;
}

function boxGroup(key: Layer, boxes: AnnotatedImage["boxes"]): Html {
  if (boxes.length === 0) return html``;
  const categories = [...new Set(boxes.map(({ category }) => category))].map((category) => {
    const ofCategory = boxes.filter((box) => box.category === category);
    const shape = ofCategory.map(({ box }) => rectangle(box) + (key === "negative" ? slash(box) : "")).join("");
    return html`<path class="mark" d="${shape}"><title>${category}, ${key}</title></path>`;
  });
  const halo = boxes.map(({ box }) => rectangle(box)).join("");
  return html`<g class="${key}"><path class="halo" d="${halo}"/>${categories}</g>
`;
}

function regionGroup(key: Layer, shapes: readonly string[], index: number): Html {
  const paths = shapes.map(
    (d) =>
      html`<path class="halo" d="${d}"/><path fill="url(#${key}-${index})" fill-rule="evenodd" d="${d}"><title>${key}</title></path>`,
  );
  return html`<g class="${key}">${paths}</g>
`;
}

/** Stripes that keep their width on the screen, whatever the image's size. */
function hatches(index: number, unit: number): Html {
  const pattern = (
    key: Layer,
    gap: number,
    angle: number,
  ) => html`<pattern id="${key}-${index}" class="${key}" width="${gap}" height="${gap}"
patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})"><path d="M0 0v${gap}" stroke-width="${unit * 0.5}"/></pattern>`;
  return html`<defs>${pattern("complete", unit * 3, 45)}${pattern("ignore", unit, -45)}</defs>
`;
}

const r = (value: number): number => Math.round(value * 10) / 10;

const rectangle = ([x1, y1, x2, y2]: Box): string => `M${r(x1)} ${r(y1)}H${r(x2)}V${r(y2)}H${r(x1)}Z`;

const slash = ([x1, y1, x2, y2]: Box): string => `M${r(x1)} ${r(y2)}L${r(x2)} ${r(y1)}`;

function ringPath(ring: readonly number[]): string {
  const points: string[] = [];
  for (let i = 0; i < ring.length; i += 2) points.push(`${r(ring[i])} ${r(ring[i + 1])}`);
  return `M${points.join("L")}Z`;
}
