// A comparison as a page. Its counts are those of the record; nothing is evaluated here.

import type { Comparison } from "../../runs/comparison.ts";
import { codeHtml, factsHtml, scrollable } from "../document/blocks.ts";
import { type Html, html } from "../document/html.ts";
import { renderPage } from "../document/page.ts";
import { patchFigure } from "../figures/patch-figure.ts";
import { layerKey, layerSwitches, patchLayers } from "../figures/picture-layers.ts";
import { comparisonAnswer } from "./answer.ts";
import { lossFigure } from "./loss-figure.ts";
import { comparisonColumns } from "./table.ts";
import { comparisonSummary, datasetFacts, settingFacts } from "./words.ts";

/** The page as HTML text. */
export async function renderComparisonPage(comparison: Comparison): Promise<string> {
  return renderPage({
    title: comparison.title,
    header: html`<p class="answer">${comparisonAnswer(comparison)}</p>`,
    sections: [
      { title: "", body: [shares(comparison), table(comparison)] },
      {
        title: "What was compared",
        body: [
          html`<ul class="summary">${comparisonSummary.map((sentence) => html`<li>${sentence}</li>`)}</ul>
`,
          factsHtml(datasetFacts(comparison)),
        ],
      },
      { title: "Training loss", body: await lossFigure(comparison) },
      { title: "Held-out patches", body: patches(comparison) },
      { title: "How to repeat it", body: [codeHtml(comparison.command), factsHtml(settingFacts(comparison))] },
    ],
  });
}

/** Found, missed and wrong of each method as bars of one scale. */
function shares({ methods, heldOut, score }: Comparison): Html {
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

function table(comparison: Comparison): Html {
  const columns = comparisonColumns(comparison);
  const rows = comparison.methods.map(({ label }, row) => {
    const cells = columns.map(
      ({ cells, best }) => html`<td>${best[row] ? html`<strong>${cells[row]}</strong>` : cells[row]}</td>`,
    );
    return html`
<tr><th scope="row">${label}</th>${cells}</tr>`;
  });
  const drawn = html`<table>
<thead><tr><th scope="col">method</th>${columns.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${rows}
</tbody>
</table>`;
  return html`${scrollable("Table of results", drawn)}
<p class="quiet">On the held-out images. Bold: the best of a column, where its values differ.</p>
${factsHtml(columns.map(({ label, help }) => ({ label, value: help })))}`;
}

function patches({ patches, methods, score }: Comparison): Html {
  if (patches.length === 0) return html`<p class="none">No held-out patch was kept for viewing.</p>`;
  return html`<div class="patches">
<p class="quiet">The same patches for each method, with detections of a score of ${score} or more. Hover over a box to see its score.</p>
${layerSwitches(patchLayers)}
${patches.map((patch, index) => patchFigure(patch, { methods, index }))}
</div>`;
}
