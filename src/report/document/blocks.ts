// The blocks of a document as HTML.

import { lineKey, methodLook } from "../figures/looks.ts";
import { patchFigure } from "../figures/patch-figure.ts";
import { layerSwitches, patchLayers } from "../figures/picture-layers.ts";
import type { Block, Fact, Figure, Patches, Table, TableCell } from "./document.ts";
import { Html, html } from "./html.ts";

export function blockHtml(block: Block): Html {
  switch (block.kind) {
    case "text":
      return html`<p class="prose">${block.text}</p>`;
    case "table":
      return tableHtml(block.table);
    case "figure":
      return figureHtml(block.figure);
    case "patches":
      return patchesHtml(block.patches);
    case "facts":
      return factsHtml(block.facts);
    case "code":
      return codeHtml(block.text);
    case "fold":
      return html`<details${new Html(block.open ? " open" : "")}><summary>${block.label}</summary>
${block.blocks.map(blockHtml)}</details>
`;
  }
}

export const factsHtml = (facts: readonly Fact[]): Html =>
  facts.length === 0 ? html`` : html`<dl>${facts.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;

export const codeHtml = (text: string): Html => html`<pre tabindex="0"><code>${text}</code></pre>`;

/** A table may be wider than the page: then it scrolls in its place, by the keyboard too. */
export const scrollable = (
  label: string,
  table: Html,
): Html => html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
${table}
</div>`;

function tableHtml({ title, rowHead, columns, rows, notes }: Table): Html {
  const grouped = columns.some(({ group }) => group);
  const groups: { name: string; span: number }[] = [];
  for (const { group = "" } of columns) {
    const last = groups.at(-1);
    if (last?.name === group) last.span++;
    else groups.push({ name: group, span: 1 });
  }
  const head = html`<th scope="col"${new Html(grouped ? ' rowspan="2"' : "")}>${rowHead}</th>`;
  const labels = columns.map(({ label }) => html`<th scope="col">${label}</th>`);
  const heads = grouped
    ? html`<tr class="groups">${head}${groups.map(({ name, span }) => html`<th scope="colgroup" colspan="${span}">${name}</th>`)}</tr>
<tr>${labels}</tr>`
    : html`<tr>${head}${labels}</tr>`;
  const starts = new Set(columns.flatMap(({ group }, i) => (grouped && group !== columns[i - 1]?.group ? [i] : [])));
  const body = rows.map(({ group, label, method, cells }, i) => {
    const line = method === undefined ? html`` : html`${lineKey(methodLook(method))} `;
    const begins = group !== undefined && group !== rows[i - 1]?.group;
    const above = begins
      ? html`
<tr class="sub"><th scope="rowgroup" colspan="${columns.length + 1}">${group}</th></tr>`
      : html``;
    return html`${above}
<tr><th scope="row">${line}${label}</th>${cells.map((cell, i) => cellHtml(cell, starts.has(i)))}</tr>`;
  });
  return html`<div class="table">
<h3>${title}</h3>
${scrollable(
  title,
  html`<table>
<thead>${heads}</thead>
<tbody>${body}
</tbody>
</table>`,
)}
${notes.map((note) => html`<p class="quiet">${note}</p>`)}
</div>
`;
}

function cellHtml({ text, mark, below }: TableCell, startsGroup: boolean): Html {
  const value =
    mark === "best" ? html`<strong>${text}</strong>` : mark === "tied" ? html`<span class="tied">${text}</span>` : html`${text}`;
  return html`<td${new Html(startsGroup ? ' class="start"' : "")}>${value}${below ? html`<small>${below}</small>` : html``}</td>`;
}

function figureHtml({ title, panels, columns, key, caption }: Figure): Html {
  const width = Math.max(...panels.map(({ width }) => width));
  return html`<figure class="plot">
<h3>${title}</h3>
${key.length === 0 ? html`` : html`<p class="key">${key.map(({ label, look }) => html`<span>${lineKey(look)} ${label}</span>`)}</p>`}
<div class="panels" style="--width: ${width}px; --columns: ${columns}">${panels.map(
    ({ title, svg }) => html`
<div>${title === "" ? html`` : html`<h4>${title}</h4>`}${new Html(svg)}</div>`,
  )}
</div>
<figcaption>${caption}</figcaption>
</figure>
`;
}

function patchesHtml({ title, caption, methods, columns, patches }: Patches): Html {
  return html`<div class="patches" style="--columns: ${columns}">
<h3>${title}</h3>
<p class="quiet">${caption} Hover over a box to see its score.</p>
${layerSwitches(patchLayers)}
${patches.map((patch, index) => patchFigure(patch, { methods, index }))}
</div>`;
}
