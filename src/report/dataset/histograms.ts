// Histograms of a dataset by Observable Plot (https://observablehq.com/plot): cells per image, sizes of boxes, distances. Bars:
// what training may see; the dashed line includes hidden cells, where there are any.

import { type Annotation, cellsOf, type Dataset } from "../../data/dataset.ts";
import { nearestDistances } from "../../data/dataset-info.ts";
import { area } from "../../geometry/box.ts";
import { Html, html } from "../document/html.ts";
import { type Bin, binEdges, binned } from "./histogram.ts";

interface Panel {
  readonly title: string;
  /** Of the axis, with its unit. */
  readonly x: string;
  /** A count, or a share of all cells, so that few and many compare. */
  readonly y: "images" | "% of cells";
  readonly visible: readonly number[];
  /** Hidden ones included. */
  readonly all: readonly number[];
}

/** The histograms with a caption; one sentence when there is no cell. */
export async function datasetHistograms(dataset: Dataset): Promise<Html> {
  const cells = cellsOf(dataset);
  if (cells.length === 0) return html`<p class="none">No cell is annotated.</p>`;
  const sparse = cells.some(({ hidden }) => hidden);
  const drawings = await drawPanels(panelsOf(dataset, cells), sparse);
  const key = html`<p class="key"><span>${barKey} visible</span><span>${lineKey} visible and hidden</span></p>
`;
  return html`<figure class="histograms">
${sparse ? key : html``}<div class="panels">${drawings}
</div>
<figcaption>Size: the square root of a box’s area. Distance: from a box’s centre to the nearest other centre on its image${
    sparse ? ", among visible cells and among all" : ""
  }; the largest 1 % is not drawn. Hard negatives are not counted.</figcaption>
</figure>`;
}

function panelsOf({ images }: Dataset, cells: readonly Annotation[]): Panel[] {
  const byImage = new Map<number, Annotation[]>(images.map(({ id }) => [id, []]));
  for (const cell of cells) byImage.get(cell.imageId)?.push(cell);
  const all = [...byImage.values()];
  const visible = all.map((cells) => cells.filter(({ hidden }) => !hidden));
  const panel = (title: string, x: string, y: Panel["y"], values: (cells: Annotation[]) => number[]): Panel => {
    return { title, x, y, visible: visible.flatMap(values), all: all.flatMap(values) };
  };
  return [
    panel("Cells per image", "cells", "images", (cells) => [cells.length]),
    panel("Size of a box", "pixels", "% of cells", (cells) => cells.map(({ box }) => Math.sqrt(area(box)))),
    panel("Distance to the nearest cell", "pixels", "% of cells", nearestDistances),
  ];
}

async function drawPanels(panels: readonly Panel[], sparse: boolean): Promise<Html[]> {
  // Both take most of a second to load, which only a command that writes a page should pay.
  const [{ JSDOM }, Plot] = await Promise.all([import("jsdom"), import("@observablehq/plot")]);
  const { document } = new JSDOM("").window;
  return panels.map(({ title, x, y, visible, all }, i) => {
    const noun = y === "images" ? "images" : "cells";
    const sizes = sparse && noun === "cells" ? [visible.length, all.length] : [all.length];
    const n = `n = ${sizes.map((size) => size.toLocaleString("en-US")).join(" and ")} ${noun}`;
    const heading = html`<h3>${title} <small>${n}</small></h3>`;
    if (all.length === 0)
      return html`
<div>${heading}<p class="none">No image has two cells.</p></div>`;
    const end = i === panels.length - 1 ? Math.max(quantile(visible, 0.99), quantile(all, 0.99)) : Infinity;
    const [bars, outline] = histograms([visible, all], end).map((bins, s) => {
      const scale = y === "images" ? 1 : 100 / Math.max(1, [visible, all][s].length);
      return bins.map((bin) => ({ ...bin, height: bin.count * scale }));
    });
    const svg = Plot.plot({
      document,
      width: 340,
      height: 210,
      marginTop: 26,
      marginRight: 20,
      marginBottom: 34,
      marginLeft: 36,
      style: { fontSize: "11px" },
      ariaLabel: `${title}: median ${Number(quantile(all, 0.5).toFixed(1))} ${x}, ${n}`,
      x: { domain: [bars[0].from, bars[bars.length - 1].to], label: x, labelAnchor: "center", labelArrow: "none", ticks: 6 },
      y: {
        label: y,
        labelArrow: "none",
        ticks: Math.min(4, Math.max(...bars.map(({ height }) => Math.ceil(height)))),
        grid: true,
      },
      marks: [
        Plot.rect(bars, { x1: "from", x2: "to", y1: () => 0, y2: "height", insetLeft: 0.5, insetRight: 0.5 }),
        sparse ? Plot.line(steps(outline), { x: "0", y: "1", className: "all" }) : null,
        Plot.ruleY([0]),
      ],
    });
    svg.setAttribute("role", "img");
    return html`
<div>${heading}${new Html(svg.outerHTML.replace(/ xmlns(:\w+)?="[^"]*"/g, ""))}</div>`; // inline SVG needs no namespace
  });
}

/** Of each list the values up to `end`, in bins with the same edges. */
function histograms(lists: readonly (readonly number[])[], end: number): Bin[][] {
  const shown = lists.map((values) => values.filter((value) => value <= end));
  const edges = binEdges(shown.flat());
  return shown.map((values) => binned(values, edges));
}

const barKey = html`<svg class="line-key" viewBox="0 0 18 12" width="18" height="12" aria-hidden="true"><g><rect width="18" height="12"/></g></svg>`;
const lineKey = html`<svg class="line-key" viewBox="0 0 32 8" width="32" height="8" aria-hidden="true"><g class="all"><path d="M1 4h30"/></g></svg>`;

/** The outline of bars, from the ground to the ground. */
function steps(bins: readonly (Bin & { readonly height: number })[]): [x: number, y: number][] {
  const tops = bins.flatMap(({ from, to, height }): [number, number][] => [
    [from, height],
    [to, height],
  ]);
  return [[bins[0].from, 0], ...tops, [bins[bins.length - 1].to, 0]];
}

/** By the nearest rank; 0 without values. */
function quantile(values: readonly number[], part: number): number {
  return Float64Array.from(values).sort()[Math.max(0, Math.ceil(part * values.length) - 1)] ?? 0;
}
