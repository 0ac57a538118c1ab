// A slide as two drawings: what it looks like, with the tissue, and how dense its cells are; on both the hot spot and a bar of length.

import type { SummaryNumbers } from "../../slides/summary.ts";
import type { FigurePanel } from "../document/document.ts";
import { Html, html } from "../document/html.ts";
import { formatNumber, thousands } from "../document/words.ts";
import { STOPS } from "./density-map.ts";

/** Cells for each mm², with thousands apart. */
export const formatDensity = (perMm2: number | null): string =>
  perMm2 !== null && perMm2 >= 100 ? thousands(Math.round(perMm2)) : formatNumber(perMm2 ?? Number.NaN);

export interface SlidePictures {
  /** JPEG of the slide, in colour and in grey, as wide and high as `width` and `height` say or finer. */
  readonly colour: Uint8Array;
  readonly grey: Uint8Array;
  /** PNG of the density map, and how much of the slide it spans along each side: its last squares reach beyond. */
  readonly density: Uint8Array;
  readonly spans: { readonly x: number; readonly y: number };
  /** The classes in it. */
  readonly mapped: readonly string[];
  /** What the last colour stands for: cells for each mm², or in a square of the grid where the microns are unknown. */
  readonly most: number;
  /** Of the tissue, rings in pixels of level 0. */
  readonly outlines: readonly (readonly number[])[];
}

/** The space in which a slide is drawn, and that below it. */
const [WIDE, HIGH, BELOW] = [560, 560, 52];

/** The size in which a slide is drawn. */
export function drawnSize({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const scale = Math.min(WIDE / width, HIGH / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

export function slidePanels(numbers: SummaryNumbers, pictures: SlidePictures): FigurePanel[] {
  const size = drawnSize(numbers);
  const scale = size.width / numbers.width;
  const wide = Math.max(size.width, 240); // room for what is written below
  const panel = (title: string, label: string, drawing: Html, below: Html): FigurePanel => ({
    title,
    width: wide,
    height: size.height + BELOW,
    svg: html`<svg viewBox="0 0 ${wide} ${size.height + BELOW}" width="${wide}" height="${size.height + BELOW}" role="img" aria-label="${label}" font-size="15" fill="currentColor">
${drawing}${hotSpotFrame(numbers, scale)}
<rect x=".5" y=".5" width="${size.width - 1}" height="${size.height - 1}" fill="none" stroke="var(--line)"/>
${below}
</svg>`.text,
  });
  const tissue = pictures.outlines.map((ring) => ringPath(ring, scale)).join("");
  const map = { width: r(size.width * pictures.spans.x), height: r(size.height * pictures.spans.y) };
  return [
    panel(
      "The slide",
      "The slide with the outlines of its tissue",
      html`${image(pictures.colour, "jpeg", size)}<path d="${tissue}" fill="none" stroke="#0072b2" stroke-width="1.5"/>`,
      html`<g transform="translate(0 ${size.height + 12})">${lengthBar(numbers, scale, wide)}</g>`,
    ),
    panel(
      `${pictures.mapped.length < numbers.classes.length ? `Cells of “${pictures.mapped.join("”, “")}”` : "Cells"} ${numbers.mpp ? "per mm²" : "in a square of the map"}`,
      "The density of cells",
      html`<clipPath id="slide"><rect width="${size.width}" height="${size.height}"/></clipPath>${image(pictures.grey, "jpeg", size)}<g clip-path="url(#slide)">${image(pictures.density, "png", map)}</g>`,
      html`<g transform="translate(0 ${size.height + 12})">${colourBar(pictures.most)}</g>`,
    ),
  ];
}

const image = (bytes: Uint8Array, kind: string, { width, height }: { width: number; height: number }): Html =>
  html`<image width="${width}" height="${height}" preserveAspectRatio="none" href="data:image/${kind};base64,${Buffer.from(bytes).toString("base64")}"/>`;

/** White below black, so that it stands out on every colour. */
function hotSpotFrame({ hotSpot }: SummaryNumbers, scale: number): Html {
  if (hotSpot === null) return html``;
  const [x, y, width, height] = [hotSpot.x, hotSpot.y, hotSpot.width, hotSpot.height].map((value) => r(value * scale));
  const frame = (style: string) =>
    html`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" ${new Html(style)}/>`;
  return html`${frame('stroke="#fff" stroke-width="4"')}${frame('stroke="#000" stroke-width="2"')}`;
}

/** A round number of microns that spans up to a third of the drawing. */
function lengthBar({ mpp }: SummaryNumbers, scale: number, wide: number): Html {
  if (mpp === null) return html`<text y="14">Microns per pixel are unknown: not to scale.</text>`;
  const most = ((wide / 3) * mpp.x) / scale;
  const power = 10 ** Math.floor(Math.log10(most));
  const microns = [5, 2, 1].map((factor) => factor * power).find((length) => length <= most) ?? power;
  const length = r((microns / mpp.x) * scale);
  const label = `${microns < 1 ? formatNumber(microns) : thousands(microns)} µm`;
  return html`<path d="M1 0v8h${length - 2}v-8" fill="none" stroke="currentColor" stroke-width="2"/><text y="28">${label}</text>`;
}

function colourBar(most: number): Html {
  if (most === 0) return html`<text y="14">Nothing was found.</text>`;
  const stops = STOPS.map((colour, i) => html`<stop offset="${i / (STOPS.length - 1)}" stop-color="rgb(${colour.join(" ")})"/>`);
  return html`<linearGradient id="density">${stops}</linearGradient><rect width="200" height="10" fill="url(#density)"/>
<text y="28">0</text><text x="200" y="28" text-anchor="end">${formatDensity(most)} and more</text>`;
}

const r = (value: number): number => Math.round(value * 10) / 10;

function ringPath(ring: readonly number[], scale: number): string {
  const points: string[] = [];
  for (let i = 0; i < ring.length; i += 2) points.push(`${r(ring[i] * scale)} ${r(ring[i + 1] * scale)}`);
  return `M${points.join("L")}Z`;
}
