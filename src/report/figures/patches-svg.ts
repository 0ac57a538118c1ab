// The held-out patches as one self-contained SVG file: a row of pictures per patch, found, missed and wrong as on the page.

import type { Patches } from "../document/document.ts";
import { Html, html } from "../document/html.ts";
import { withColors } from "./looks.ts";
import { patchPictures } from "./patch-figure.ts";
import { boxColors, boxStyle } from "./picture-layers.ts";

const WIDTH = 260;
const GAP = 14;

export function patchesSvg({ title, caption, methods, columns, patches }: Patches): string {
  const width = GAP + columns * (WIDTH + GAP);
  let top = 44;
  const rows = patches.map((patch, index) => {
    const height = Math.round((WIDTH * patch.height) / patch.width);
    const begin = top;
    const pictures = patchPictures(patch, { methods, index }).map(({ label, svg, result: { found, missed, wrong } }, i) => {
      const [x, y] = [GAP + (i % columns) * (WIDTH + GAP), begin + 18 + Math.floor(i / columns) * (height + 40)];
      top = y + height + 40;
      const placed = svg.text.replace("<svg", `<svg class="picture" x="${x}" y="${y}" width="${WIDTH}" height="${height}"`);
      return html`${new Html(placed)}<text x="${x}" y="${y + height + 13}" font-weight="600">${label}</text>
<text x="${x}" y="${y + height + 27}">${found.length} found, ${missed.length} missed, ${wrong.length} wrong</text>`;
    });
    return html`<text x="${GAP}" y="${begin + 10}" font-size="12" font-weight="600">${patch.name}, ${patch.truths.length} annotated</text>${pictures}`;
  });
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top + 24}" viewBox="0 0 ${width} ${top + 24}"
font-family="system-ui, 'Noto Sans', 'Liberation Sans', Arial, sans-serif" font-size="11" color="#1b1f24">
<style>${new Html(`${boxStyle(".picture")}.picture g.truth { display: none; }`)}</style>
<rect width="${width}" height="${top + 24}" fill="#ffffff"/>
<text x="${GAP}" y="24" font-size="15" font-weight="600">${title}</text>
${rows}
<text x="${GAP}" y="${top + 8}" fill="#57606a">Solid: found; dashed: missed; hatched and crossed: wrong. <title>${caption}</title></text>
</svg>
`;
  const colors = new Map([...boxColors.matchAll(/(--\w+): ([^;]+);/g)].map(([, name, value]) => [name, value]));
  return withColors(svg.text.replace(/var\((--\w+)\)/g, (variable, name) => colors.get(name) ?? variable));
}
