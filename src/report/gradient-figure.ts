// Figure 8 of Li et al. 2021: layers along x, retention rates along y, a cell's colour and symbol the method with the smallest
// μ_l. What the paper does not show is how sure that is: a colour is the stronger the further its method lies below the second
// best, and a cell is underlined where every fold and seed has the same winner.

import { blocksOf, isCompared, type LayerWinner, type RateWinners, rateWinners } from "./gradient-winners.ts";
import { type Gradients, imagesInWords, unitsInWords } from "./gradients.ts";
import type { Figure, FigurePanel } from "./grid-document.ts";
import { keepLabel } from "./grid-runs.ts";
import { type Html, html } from "./html.ts";
import { methodColor, methodLook, symbolPath } from "./method-key.ts";

/** Steps of the margin, each with the opacity of its cells. */
const MARGINS = [
  { from: 0, opacity: 0.12, label: "less than 5 %" },
  { from: 0.05, opacity: 0.28, label: "5 to 15 %" },
  { from: 0.15, opacity: 0.5, label: "15 to 30 %" },
  { from: 0.3, opacity: 1, label: "30 % or more" },
] as const;

const ROW = 38;
const [LEFT, TOP, RIGHT, BOTTOM] = [84, 30, 12, 40];
/** Of the legend, whose cells are as wide as a layer of 35. */
const [LEGEND_CELL, LEGEND_LINE] = [22, 40];

/** Null where no rate has two methods: there is nothing to compare. */
export function gradientFigure(gradients: Gradients): Figure | null {
  const rates = rateWinners(gradients).reverse(); // as the paper has them, all annotations first
  if (!rates.some(isCompared)) return null;
  const grid = gridPanel(gradients, rates);
  const { dataset, runs } = gradients;
  return {
    file: "gradients",
    title: `Method with the smallest test gradient in each layer: ${dataset}, ${unitsInWords(runs)}, ${imagesInWords(gradients)}`,
    panels: [grid, legendPanel(gradients, { rates, width: grid.width })],
    columns: 1,
    key: [],
    caption: captionOf(gradients, rates),
  };
}

function gridPanel(gradients: Gradients, rates: readonly RateWinners[]): FigurePanel {
  const { layers } = gradients.runs[0];
  const cell = Math.min(26, Math.max(10, Math.round(980 / layers.length)));
  const [right, bottom] = [LEFT + cell * layers.length, TOP + ROW * rates.length];
  const [width, height] = [right + RIGHT, bottom + BOTTOM];
  const at = (layer: number): number => LEFT + cell * (layer - 1);
  const blocks = blocksOf(gradients);
  const rows = rates.map((rate, r) => {
    const y = TOP + ROW * r;
    const label = html`<text x="${LEFT - 8}" y="${y + ROW / 2 + 4}" text-anchor="end" font-size="12">${keepLabel(rate.keep)}</text>`;
    if (!isCompared(rate))
      return html`${label}<text x="${(LEFT + right) / 2}" y="${y + ROW / 2 + 4}" text-anchor="middle" opacity="0.7">${whyNot(gradients, rate)}</text>`;
    const cells = rate.winners.map((winner, l) => {
      const title = html`<title>${`layer ${layers[l].layer}, ${layers[l].name}, ${keepLabel(rate.keep)}: ${inWords(gradients, rate, winner)}`}</title>`;
      return html`<g transform="translate(${at(l + 1)} ${y})">${title}${cellSvg(winner, { width: cell, units: rate.units })}</g>\n`;
    });
    return html`${label}\n${cells}`;
  });
  const frame = html`<rect x="${LEFT}" y="${TOP}" width="${right - LEFT}" height="${bottom - TOP}" fill="none" stroke="currentColor" stroke-opacity="0.4"/>`;
  const heads = blocks.map(({ name, first, last }, i) => {
    const rule = html`<path d="M${at(first)} ${TOP - 18}V${bottom + 5}" stroke="currentColor" stroke-width="1.2"/>`;
    const text = html`<text x="${(at(first) + at(last + 1)) / 2}" y="${TOP - 8}" text-anchor="middle" font-weight="600" font-size="12">${name}</text>`;
    return i === 0 ? text : html`${rule}${text}`;
  });
  const ticks = layers
    .map(({ layer }) => layer)
    .filter((layer) => layer === 1 || layer % 10 === 0)
    .map(
      (layer) =>
        html`<path d="M${at(layer) + cell / 2} ${bottom}v5" stroke="currentColor"/><text x="${at(layer) + cell / 2}" y="${bottom + 17}" text-anchor="middle">${layer}</text>`,
    );
  return panelOf({
    width,
    height,
    ariaLabel: `Method with the smallest gradient, ${layers.length} layers by ${rates.length} rates of annotations kept`,
    content: html`${rows}${frame}${heads}${ticks}
<text x="${(LEFT + right) / 2}" y="${bottom + 34}" text-anchor="middle">layer, in forward order</text>
<text x="${LEFT - 8}" y="${TOP - 8}" text-anchor="end">kept</text>`,
  });
}

interface CellLook {
  readonly width: number;
  readonly units: number;
}

/** From its upper left corner on. */
function cellSvg(winner: Pick<LayerWinner, "method" | "margin" | "agreeing"> | null, { width, units }: CellLook): Html {
  if (winner === null) return html`<path d="M${width / 2 - 3} ${ROW / 2}h6" stroke="currentColor" stroke-opacity="0.6"/>`;
  const { method, margin, agreeing } = winner;
  const { opacity } = MARGINS.findLast(({ from }) => margin >= from) ?? MARGINS[0];
  const symbol = symbolPath(methodLook(method).symbol, opacity === 1 ? "var(--page)" : "currentColor");
  const [scale, agreed] = [Math.min(1, (width - 3) / 9.6), units > 1 && agreeing === units];
  const line = html`<rect x="1" y="${ROW - 5}" width="${width - 2}" height="3.4" fill="currentColor"/>`;
  return html`<rect x="0.5" y="0.5" width="${width - 1}" height="${ROW - 1}" fill="${methodColor(method)}" fill-opacity="${opacity}"/>
<g transform="translate(${width / 2} ${ROW / 2 - 2}) scale(${scale.toFixed(2)})">${symbol}</g>${agreed ? line : html``}`;
}

/** Methods at the strongest colour, then what colours and lines mean, in lines of the figure's width. */
function legendPanel(gradients: Gradients, { rates, width }: { rates: readonly RateWinners[]; width: number }): FigurePanel {
  const compared = rates.filter(isCompared);
  const methods = gradients.methods.flatMap(({ label }, method) =>
    compared.some((rate) => rate.methods.includes(method)) ? [{ method, label }] : [],
  );
  const [{ method: sample }] = methods;
  const strongest = MARGINS[MARGINS.length - 1].from;
  const cell = (method: number, margin: number, agreed = false) =>
    cellSvg({ method, margin, agreeing: agreed ? 2 : 0 }, { width: LEGEND_CELL, units: 2 });
  const groups = [
    { head: "smallest gradient", entries: methods.map(({ method, label }) => ({ label, drawing: cell(method, strongest) })) },
    {
      head: "below the second",
      entries: [
        ...MARGINS.map(({ from, label }) => ({ label, drawing: cell(sample, from) })),
        ...(compared.some(({ units }) => units > 1)
          ? [{ label: "all folds and seeds agree", drawing: cell(sample, MARGINS[1].from, true) }]
          : []),
        ...(compared.some(({ winners }) => winners.includes(null))
          ? [{ label: "a tie", drawing: cellSvg(null, { width: LEGEND_CELL, units: 1 }) }]
          : []),
      ],
    },
  ];
  const indent = 124;
  let y = -LEGEND_LINE - 4;
  const content = groups.map(({ head, entries }) => {
    let x = indent;
    y += LEGEND_LINE + 4;
    const title = html`<text x="0" y="${y + ROW / 2 + 4}" font-weight="600">${head}</text>`;
    const drawn = entries.map(({ label, drawing }) => {
      const length = LEGEND_CELL + 6 + 6.3 * label.length + 18;
      if (x > indent && x + length > width) [x, y] = [indent, y + LEGEND_LINE + 4];
      const entry = html`<g transform="translate(${x} ${y})">${drawing}<text x="${LEGEND_CELL + 7}" y="${ROW / 2 + 4}">${label}</text></g>\n`;
      x += length;
      return entry;
    });
    return html`${title}${drawn}`;
  });
  return panelOf({ width, height: y + LEGEND_LINE, ariaLabel: "What colours and symbols mean", content: html`${content}` });
}

interface PanelContent {
  readonly width: number;
  readonly height: number;
  readonly ariaLabel: string;
  readonly content: Html;
}

function panelOf({ width, height, ariaLabel, content }: PanelContent): FigurePanel {
  const svg = html`<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${ariaLabel}" fill="currentColor" font-size="11">
${content}
</svg>`;
  return { title: "", svg: svg.text, width, height };
}

const labelOf = ({ methods }: Gradients, method: number): string => methods[method].label;

function whyNot(gradients: Gradients, { methods }: RateWinners): string {
  if (methods.length > 1) return "no fold and seed of all methods: nothing to compare";
  return `only ${methods.map((method) => labelOf(gradients, method)).join()}: nothing to compare`;
}

/** "FPN + BDE, 12 % below the second best, in 2 of 3 trainings too" */
export function inWords(gradients: Gradients, { units }: RateWinners, winner: LayerWinner | null): string {
  if (winner === null) return "a tie";
  const { method, margin, agreeing } = winner;
  const told = `${labelOf(gradients, method)}, ${(100 * margin).toFixed(margin < 0.1 ? 1 : 0)} % below the second best`;
  return units > 1 ? `${told}, the smallest in ${agreeing} of ${units}` : told;
}

function captionOf(gradients: Gradients, rates: readonly RateWinners[]): string {
  const compared = rates.filter(isCompared);
  const units = [...new Set(compared.map(({ units }) => units))].sort((a, b) => a - b);
  const over =
    units.length === 1 && units[0] === 1
      ? "one fold and seed: whether a win would come again cannot be told"
      : `means over ${units.join(" or ")} folds and seeds that all methods of a rate have`;
  const missing = compared.flatMap(({ keep, missing }) =>
    missing.length === 0 ? [] : [`no ${missing.map((method) => labelOf(gradients, method)).join(", ")} at ${keepLabel(keep)}`],
  );
  return [
    "Cells: the method with the smallest mean absolute gradient μ of the test loss (Eqs 14 to 16), numbered as torchvision’s layers come in the forward pass; rates from all annotations downwards.",
    `Here ${over}.`,
    ...(missing.length > 0 ? [`Not compared: ${missing.join("; ")}.`] : []),
    "In the manner of the paper’s Figure 8, which shows neither margin nor agreement.",
  ].join(" ");
}
