// The comparison as one self-contained HTML page: no script, nothing loaded from anywhere (its own policy forbids both), so that
// it can be mailed, archived and opened offline. Counts on the page are the report's; nothing is evaluated here.

import { writeFileAtomic } from "../../files/atomic-write.ts";
import type { ComparisonReport, Fact } from "../../runs/comparison.ts";
import { Html, html } from "../document/html.ts";
import { pageStyle } from "../document/style.ts";
import { lossFigure } from "../figures/loss-figure.ts";
import { layerKey, layerSwitches, patchFigure, switchRules } from "../figures/patch-figure.ts";
import { comparisonAnswer } from "./answer.ts";
import { comparisonColumns } from "./table.ts";

/** Writes the page to `file`, whole or not at all. Throws a UserError that names the file when it cannot be written. */
export async function writeComparisonReport(file: string, report: ComparisonReport): Promise<void> {
  writeFileAtomic(file, await renderComparisonPage(report));
}

/** The page as HTML text. */
export async function renderComparisonPage(report: ComparisonReport): Promise<string> {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${report.title}</title>
<style>${new Html(pageStyle + switchRules())}</style>
</head>
<body>
<header>
<h1>${report.title}</h1>
<p class="answer">${comparisonAnswer(report)}</p>
</header>
<main>
${shares(report)}
${table(report)}
<section>
<h2>What was compared</h2>
<ul class="summary">${report.summary.map((sentence) => html`<li>${sentence}</li>`)}</ul>
${facts(report.dataset)}
</section>
<section>
<h2>Training loss</h2>
${await lossFigure(report)}
</section>
${patches(report)}
<section>
<h2>How to repeat it</h2>
<pre tabindex="0"><code>${report.command}</code></pre>
${facts(report.settings)}
</section>
</main>
</body>
</html>
`;
  return page.text;
}

/** Found, missed and wrong of each method as bars of one scale. */
function shares({ methods, heldOut, score }: ComparisonReport): Html {
  const scale = Math.max(...methods.map(({ wrong }) => heldOut.truths + wrong));
  if (!(scale > 0)) return html``;
  const bars = methods.map(({ label, found, wrong }) => {
    const parts = Object.entries({ found, missed: heldOut.truths - found, wrong });
    const bar = parts
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => html`<span class="${kind}" style="width:${((100 * count) / scale).toFixed(2)}%">${count}</span>`);
    const inWords = parts.map(([kind, count]) => `${count} ${kind}`).join(", ");
    return html`
<b>${label}</b><div class="bar" role="img" aria-label="${inWords}" title="${inWords}">${bar}</div>`;
  });
  return html`<figure class="shares">${bars}
<figcaption>Cells of the held-out images at a score of ${score} or more:
<span class="term">${layerKey("found")} found,</span>
<span class="term">${layerKey("missed")} missed,</span> <span class="term">${layerKey("wrong")} wrong</span> (reported where no cell is annotated).</figcaption>
</figure>`;
}

function table(report: ComparisonReport): Html {
  const columns = comparisonColumns(report);
  const rows = report.methods.map(({ label }, row) => {
    const cells = columns.map(
      ({ cells, best }) => html`<td>${best[row] ? html`<strong>${cells[row]}</strong>` : cells[row]}</td>`,
    );
    return html`
<tr><th scope="row">${label}</th>${cells}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of results">
<table>
<thead><tr><th scope="col">method</th>${columns.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${rows}
</tbody>
</table>
</div>
<p class="quiet">On the held-out images. Bold: the best of a column, where its values differ.</p>
${facts(columns.map(({ label, help }) => ({ label, value: help })))}`;
}

function patches({ patches, methods, score }: ComparisonReport): Html {
  const figures = patches.map((patch, index) => patchFigure(patch, { methods, index }));
  return html`<section class="patches">
<h2>Held-out patches</h2>
${
  figures.length === 0
    ? html`<p class="none">No patch was kept for viewing.</p>`
    : html`<p class="quiet">The same patches for each method, with detections of a score of ${score} or more; a box's score shows when
the mouse rests on it.</p>
${layerSwitches()}
${figures}`
}
</section>`;
}

function facts(items: readonly Fact[]): Html {
  if (items.length === 0) return html``;
  return html`<dl>${items.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}
