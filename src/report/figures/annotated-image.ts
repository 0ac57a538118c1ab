// An image of a dataset as a picture, with all that is annotated on it. The kinds differ by shape as well as by colour: visible
// cells solid, hidden ones dashed, hard negatives dotted and crossed out; regions hatched, complete ones with wide and ignored
// ones with narrow stripes the other way.

import type { Box } from "../../geometry/box.ts";
import type { Region } from "../../geometry/region.ts";
import { Html, html } from "../document/html.ts";

/** The kinds, from the bottom of a picture to its top. */
export const layers = [
  { key: "complete", label: "region: every cell is annotated" },
  { key: "ignore", label: "region: nothing is judged" },
  { key: "negative", label: "hard negative" },
  { key: "hidden", label: "hidden from training" },
  { key: "visible", label: "annotated cell" },
] as const;

export type Layer = (typeof layers)[number]["key"];

export interface AnnotatedImage {
  readonly name: string;
  /** In pixels; boxes and regions are in the same. */
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
  const groups = layers.map(({ key }) => {
    if (key === "complete" || key === "ignore") {
      const own = regions.filter(({ kind }) => kind === key).map(({ rings }) => rings.map(ringPath).join(""));
      return own.length === 0 ? html`` : regionGroup(key, own, index);
    }
    return boxGroup(
      key,
      boxes.filter(({ layer }) => layer === key),
    );
  });
  const counts = layers.map(({ key }) => [boxes.filter(({ layer }) => layer === key).length, key] as const);
  const inWords = counts.filter(([n]) => n > 0).map(([n, key]) => `${n} ${key}`);
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${[name, ...inWords].join(", ")}">
${regions.length === 0 ? html`` : hatches(index, Math.max(width, height) / 64)}<image width="${width}" height="${height}" href="data:image/jpeg;base64,${new Html(data)}"/>
${groups}</svg>`;
}

function boxGroup(key: Layer, boxes: AnnotatedImage["boxes"]): Html {
  if (boxes.length === 0) return html``;
  const categories = [...new Set(boxes.map(({ category }) => category))].map((category) => {
    const own = boxes.filter((box) => box.category === category);
    const shape = own.map(({ box }) => rectangle(box) + (key === "negative" ? slash(box) : "")).join("");
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

/** A small mark as in the pictures, for keys and captions. */
export function layerKey(key: Layer): Html {
  const shape = `M2 3h14v12h-14z${key === "negative" ? "M2 15l14 -12" : ""}`;
  const stripes = { complete: "M2 9l6 -6M5 15l11 -11", ignore: "M2 4l11 11M5 3l11 11M9 3l7 7M2 8l7 7M2 11l4 4" } as const;
  const hatch = key === "complete" || key === "ignore" ? html`<path d="${stripes[key]}" style="stroke-width:1px"/>` : html``;
  return html`<svg class="layer-key" viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
<g class="${key}">${hatch}<path d="${shape}"/></g></svg>`;
}

const r = (value: number): number => Math.round(value * 10) / 10;

const rectangle = ([x1, y1, x2, y2]: Box): string => `M${r(x1)} ${r(y1)}H${r(x2)}V${r(y2)}H${r(x1)}Z`;

const slash = ([x1, y1, x2, y2]: Box): string => `M${r(x1)} ${r(y2)}L${r(x2)} ${r(y1)}`;

function ringPath(ring: readonly number[]): string {
  const points: string[] = [];
  for (let i = 0; i < ring.length; i += 2) points.push(`${r(ring[i])} ${r(ring[i + 1])}`);
  return `M${points.join("L")}Z`;
}

/** Colours of Okabe and Ito (https://jfly.uni-koeln.de/color/); they lie on the pictures and are the same in both themes. */
export const annotationStyle = `
:root { --visible: #009e73; --hidden: #e69f00; --negative: #d55e00; --complete: #0072b2; --ignore: #222222; }
.picture > svg { border-radius: 3px; }
g.visible > * { stroke: var(--visible); }
g.hidden > * { stroke: var(--hidden); stroke-dasharray: 6 3.5; }
g.negative > * { stroke: var(--negative); stroke-dasharray: 2 2.5; }
g.complete > * { stroke: var(--complete); stroke-dasharray: 12 4; }
g.ignore > * { stroke: var(--ignore); }
pattern.complete path { stroke: var(--complete); stroke-opacity: .75; }
pattern.ignore path { stroke: var(--ignore); stroke-opacity: .6; }
g > .halo { stroke: #fff; stroke-opacity: .85; stroke-width: 4px; stroke-dasharray: none; }
g.hidden > .halo { stroke: #1b1f24; stroke-opacity: .5; stroke-width: 3.5px; }
g > .mark { pointer-events: all; }
@media (prefers-color-scheme: dark) { .layer-key g.ignore > * { stroke: #cfd5dc; } }
@media print { .layer-key g.ignore > * { stroke: var(--ignore); } }
`;
