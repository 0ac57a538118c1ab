// A figure as one self-contained SVG file: title, panels, key, caption; colours of the light theme in place of variables, so
// that every program can draw it.

import { lineKey, withColors } from "../figures/looks.ts";
import { patchesSvg } from "../figures/patches-svg.ts";
import type { Block, Document, Figure } from "./document.ts";
import { Html, html } from "./html.ts";

const FONT = "system-ui, 'Noto Sans', 'Liberation Sans', Arial, sans-serif";
const GAP = 16;

/** Every figure of a document as a file: its name without the extension, and its text. */
export function svgFiles({ sections }: Document): (readonly [name: string, svg: string])[] {
  const ofBlock = (block: Block): (readonly [string, string])[] => {
    if (block.kind === "figure") return [[block.figure.file, figureSvg(block.figure)]];
    if (block.kind === "patches") return [[block.patches.file, patchesSvg(block.patches)]];
    return block.kind === "fold" ? block.blocks.flatMap(ofBlock) : [];
  };
  return sections.flatMap(({ blocks }) => blocks.flatMap(ofBlock));
}

export function figureSvg({ title, panels, columns, key, caption }: Figure): string {
  const inRow = Math.min(columns, panels.length);
  const cell = {
    width: Math.max(...panels.map(({ width }) => width)),
    height: 18 + Math.max(...panels.map(({ height }) => height)),
  };
  const width = GAP + inRow * (cell.width + GAP);
  const top = 40;
  const drawings = panels.map(({ title, svg, height }, i) => {
    const [x, y] = [GAP + (i % inRow) * (cell.width + GAP), top + Math.floor(i / inRow) * (cell.height + GAP)];
    const placed = svg.replace("<svg", `<svg x="${x}" y="${y + 18 + (cell.height - 18 - height)}"`);
    return html`<text x="${x}" y="${y + 12}" font-size="12" font-weight="600">${title}</text>${new Html(placed)}`;
  });
  const keyTop = top + Math.ceil(panels.length / inRow) * (cell.height + GAP);
  const { entries, bottom } = keyEntries(key, { width, top: keyTop });
  const lines = wrapped(caption, (width - 2 * GAP) / 5.6);
  const height = bottom + 8 + 15 * lines.length + 10;
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"
font-family="${FONT}" font-size="11" color="#1b1f24" fill="currentColor">
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="${GAP}" y="24" font-size="15" font-weight="600">${title}</text>
${drawings}${entries}
${lines.map((line, i) => html`<text x="${GAP}" y="${bottom + 12 + 15 * i}" fill="#57606a">${line}</text>`)}
</svg>
`;
  return withColors(svg.text);
}

function keyEntries(key: Figure["key"], { width, top }: { width: number; top: number }): { entries: Html[]; bottom: number } {
  let [x, y] = [GAP, top];
  const entries = key.map(({ label, look }) => {
    const length = 48 + 6.4 * label.length + 22;
    if (x > GAP && x + length > width) [x, y] = [GAP, y + 20];
    const line = lineKey(look).text.replace("<svg", `<svg x="${x}" y="${y}"`);
    const entry = html`${new Html(line)}<text x="${x + 46}" y="${y + 10}">${label}</text>`;
    x += length;
    return entry;
  });
  return { entries, bottom: key.length === 0 ? top : y + 24 };
}

function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
