// A grid's report as one self-contained HTML page: no script, nothing loaded from anywhere, so that it can be mailed, archived
// and opened offline.

import { lineKey, methodLook } from "../figures/method-key.ts";
import { layerSwitches, patchFigure } from "../figures/patch-figure.ts";
import type { Block, Document, Figure, Patches, Table, TableCell } from "./document.ts";
import { Html, html } from "./html.ts";
import { gridPageStyle } from "./page-style.ts";

/** The page as HTML text. */
export function renderGridPage({ title, subtitle, answer, warnings, sections }: Document): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Html(gridPageStyle())}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="quiet">${subtitle}</p>
${warnings.length === 0 ? html`` : html`<ul class="warnings">${warnings.map((line) => html`<li>${line}</li>`)}</ul>`}
${answer.map((paragraph) => html`<p class="answer">${paragraph}</p>`)}
</header>
<nav aria-label="Sections">${sections.map(({ title }, i) => html`<a href="#section-${i}">${title}</a> `)}</nav>
<main>
${sections.map(
  ({ title, blocks }, i) => html`<section id="section-${i}">
<h2>${title}</h2>
${blocks.map(blockHtml)}
</section>
`,
)}</main>
</body>
</html>
`;
  return page.text;
}

function blockHtml(block: Block): Html {
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
      return html`<dl>${block.facts.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
    case "code":
      return html`<pre tabindex="0"><code>${block.text}</code></pre>`;
    case "fold":
      return html`<details${new Html(block.open ? " open" : "")}><summary>${block.label}</summary>
${block.blocks.map(blockHtml)}</details>
`;
  }
}

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
<div class="scroll" tabindex="0" role="region" aria-label="${title}">
<table>
<thead>${heads}</thead>
<tbody>${body}
</tbody>
</table>
</div>
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
<p class="quiet">${caption} A box’s score shows when the mouse rests on it.</p>
${layerSwitches()}
${patches.map((patch, index) => patchFigure(patch, { methods, index }))}
</div>`;
}
