// Figure 8 of Li et al. 2021: layers along x, retention rates along y, a cell's colour and symbol the method with the smallest
// μ_l. The paper does not show how certain that is. Here a colour is stronger the further its method lies below
// the second best, and a cell is underlined where every fold and seed has the same winner.

import type { Gradients } from "../../runs/gradients.ts";
import { keepText } from "../../runs/grid.ts";
import type { Figure, FigurePanel } from "../document/document.ts";
import { type Html, html } from "../document/html.ts";
import { methodLook, symbolPath } from "../figures/looks.ts";
import { blocksOf, isCompared, type LayerWinner, type RateWinners, rateWinners } from "./winners.ts";
import { imagesInWords, unitsInWords } from "./words.ts";

/** Steps of the margin, each with the opacity of its cells. */
const MARGINS = [
  { from: 0, opacity: 0.12, label: "less than 5 %" },
  { from: 0.05, opacity: 0.28, label: "5 to 15 %" },
  { from: 0.15, opacity: 0.5, label: "15 to 30 %" },
  { from: 0.3, opacity: 1, label: "30 % or more" },
] as const;

/** Below the cells of a row lies a strip for the lines of agreement. */
const [ROW, STRIP] = [40, 8];
const MIDDLE = (ROW - STRIP) / 2;
const [LEFT, TOP, RIGHT, BOTTOM] = [84, 30, 12, 40];
const [LEGEND_CELL, LEGEND_GAP] = [22, 3];

/** Null where no rate has two methods: there is nothing to compare. */
export function gradientFigure(gradients: Gradients): Figure | null {
  const rates = rateWinners(gradients).reverse(); // as the paper has them, all annotations first
  if (!rates.some(isCompared)) return null;
  const { dataset, runs } = gradients;
  return {
    file: "gradients",
    title: `Method with the smallest test gradient in each layer: ${dataset}, ${unitsInWords(runs)}, ${imagesInWords(gradients)}`,
    panels: [panelOf(gradients, rates)],
    columns: 1,
    key: [],
    caption: captionOf(gradients, rates),
  };
}

function panelOf(gradients: Gradients, rates: readonly RateWinners[]): FigurePanel {
  const { layers } = gradients.runs[0];
  const cell = Math.min(26, Math.max(10, Math.round(980 / layers.length)));
  const width = LEFT + Math.max(cell * layers.length, 560) + RIGHT;
  const bottom = TOP + ROW * rates.length;
  const legend = legendOf(gradients, { rates, width, top: bottom + BOTTOM });
  const height = bottom + BOTTOM + legend.height;
  const name = `Method with the smallest gradient: ${layers.length} layers at ${rates.map(({ keep }) => keepText(keep)).join(", ")} of the annotations`;
  const svg = html`<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}" fill="currentColor" font-size="11">
${rowsOf(gradients, { rates, cell })}
${axesOf(gradients, { cell, bottom })}
${legend.drawn}
</svg>`;
  return { title: "", svg: svg.text, width, height };
}

function rowsOf(gradients: Gradients, { rates, cell }: { rates: readonly RateWinners[]; cell: number }): Html[] {
  const { layers } = gradients.runs[0];
  return rates.map((rate, r) => {
    const [top, middle] = [TOP + ROW * r, TOP + ROW * r + MIDDLE + 4];
    const label = html`<text x="${LEFT - 8}" y="${middle}" text-anchor="end" font-size="12">${keepText(rate.keep)}</text>\n`;
    if (!isCompared(rate))
      return html`${label}<text x="${LEFT + 10}" y="${middle}" opacity="0.7">${whyNot(gradients, rate)}</text>\n`;
    const cells = rate.winners.map((winner, l) => {
      const { layer, name } = layers[l];
      const title = html`<title>${`layer ${layer}, ${name}, ${keepText(rate.keep)}: ${inWords(gradients, rate, winner)}`}</title>`;
      return html`<g transform="translate(${LEFT + cell * l} ${top})">${title}${cellSvg(winner, { width: cell, units: rate.units })}</g>\n`;
    });
    return html`${label}${cells}`;
  });
}

/** Frame, blocks above it, numbers of layers below. */
function axesOf(gradients: Gradients, { cell, bottom }: { cell: number; bottom: number }): Html {
  const { layers } = gradients.runs[0];
  const at = (layer: number): number => LEFT + cell * (layer - 1);
  const right = at(layers.length + 1);
  const heads = blocksOf(gradients).map(({ name, first, last }, i) => {
    // the stem is one layer, narrower than its name
    const [x, anchor] = i === 0 ? [at(last + 1) - 4, "end"] : [(at(first) + at(last + 1)) / 2, "middle"];
    const text = html`<text x="${x}" y="${TOP - 8}" text-anchor="${anchor}" font-weight="600" font-size="12">${name}</text>\n`;
    const rule = html`<path d="M${at(first)} ${TOP - 18}V${bottom + 5}" stroke="currentColor" stroke-width="1.2"/>`;
    return i === 0 ? text : html`${rule}${text}`;
  });
  const ticks = layers
    .filter(({ layer }) => layer === 1 || layer % 10 === 0)
    .map(({ layer }) => {
      const x = at(layer) + cell / 2;
      return html`<path d="M${x} ${bottom}v5" stroke="currentColor"/><text x="${x}" y="${bottom + 17}" text-anchor="middle">${layer}</text>\n`;
    });
  return html`<rect x="${LEFT}" y="${TOP}" width="${right - LEFT}" height="${bottom - TOP}" fill="none" stroke="currentColor" stroke-opacity="0.4"/>
${heads}${ticks}<text x="${(LEFT + right) / 2}" y="${bottom + 33}" text-anchor="middle">layer, in forward order</text>
<text x="${LEFT - 8}" y="${bottom + 17}" text-anchor="end">annotations</text>
<text x="${LEFT - 8}" y="${bottom + 31}" text-anchor="end">kept</text>`;
}

interface CellLook {
  readonly width: number;
  readonly units: number;
}

/** From its upper left corner on. */
function cellSvg(winner: Pick<LayerWinner, "method" | "margin" | "agreeing"> | null, { width, units }: CellLook): Html {
  if (winner === null) return html`<path d="M${width / 2 - 3} ${MIDDLE}h6" stroke="currentColor" stroke-opacity="0.6"/>`;
  const { method, margin, agreeing } = winner;
  const { opacity } = MARGINS.findLast(({ from }) => margin >= from) ?? MARGINS[0];
  const symbol = symbolPath(methodLook(method).symbol, opacity === 1 ? "var(--page)" : "currentColor");
  const [scale, agreed] = [Math.min(1, (width - 3) / 9.6), units > 1 && agreeing === units];
  const line = html`<rect x="0.5" y="${ROW - STRIP + 2}" width="${width - 1}" height="3.5" fill="currentColor"/>`;
  return html`<rect x="0.5" y="1" width="${width - 1}" height="${ROW - STRIP - 1}" fill="${methodLook(method).color}" fill-opacity="${opacity}"/>
<g transform="translate(${width / 2} ${MIDDLE}) scale(${scale.toFixed(2)})">${symbol}</g>${agreed ? line : html``}`;
}

interface LegendPlace {
  readonly rates: readonly RateWinners[];
  readonly width: number;
  readonly top: number;
}

/** The methods at their strongest colour, then what strength and lines mean; in lines of the figure's width. */
function legendOf(gradients: Gradients, { rates, width, top }: LegendPlace): { drawn: Html[]; height: number } {
  const compared = rates.filter(isCompared);
  const methods = gradients.methods.flatMap(({ label }, method) =>
    compared.some((rate) => rate.methods.includes(method)) ? [{ method, label }] : [],
  );
  const [{ method: sample }] = methods;
  const cell = (method: number, margin: number, agreeing = 0) =>
    cellSvg({ method, margin, agreeing }, { width: LEGEND_CELL, units: 2 });
  const agreed = compared.some(({ units }) => units > 1);
  const tied = compared.some(({ winners }) => winners.includes(null));
  const lines = [
    { head: "smallest gradient", entries: methods.map(({ method, label }) => ({ label, drawing: cell(method, 1) })) },
    {
      head: "below the second best",
      entries: [
        ...MARGINS.map(({ from, label }) => ({ label, drawing: cell(sample, from) })),
        ...(agreed ? [{ label: "all folds and seeds agree", drawing: cell(sample, MARGINS[1].from, 2) }] : []),
        ...(tied ? [{ label: "a tie", drawing: cellSvg(null, { width: LEGEND_CELL, units: 1 }) }] : []),
      ],
    },
  ];
  const indent = 150;
  let y = top;
  const drawn = lines.map(({ head, entries }) => {
    let x = indent;
    y += LEGEND_GAP;
    const title = html`<text y="${y + MIDDLE + 4}" font-weight="600">${head}</text>\n`;
    const swatches = entries.map(({ label, drawing }) => {
      const length = LEGEND_CELL + 7 + 6.3 * label.length + 18;
      if (x > indent && x + length > width) [x, y] = [indent, y + ROW + LEGEND_GAP];
      const entry = html`<g transform="translate(${x} ${y})">${drawing}<text x="${LEGEND_CELL + 7}" y="${MIDDLE + 4}">${label}</text></g>\n`;
      x += length;
      return entry;
    });
    y += ROW;
    return html`${title}${swatches}`;
  });
  return { drawn, height: y - top };
}

const labelOf = ({ methods }: Gradients, method: number): string => methods[method].label;

function whyNot(gradients: Gradients, { methods }: RateWinners): string {
  if (methods.length > 1) return "no fold and seed of all methods: nothing to compare";
  return `only ${methods.map((method) => labelOf(gradients, method)).join()}: nothing to compare`;
}

/** "FPN + BDE, 12 % below the second best, the smallest in 2 of 3" */
function inWords(gradients: Gradients, { units }: RateWinners, winner: LayerWinner | null): string {
  if (winner === null) return "a tie";
  const { method, margin, agreeing } = winner;
  const text = `${labelOf(gradients, method)}, ${Number((100 * margin).toPrecision(2))} % below the second best`;
  return units > 1 ? `${text}, the smallest in ${agreeing} of ${units}` : text;
}

function captionOf(gradients: Gradients, rates: readonly RateWinners[]): string {
  const compared = rates.filter(isCompared);
  const units = [...new Set(compared.map(({ units }) => units))].sort((a, b) => a - b);
  const over =
    units.length === 1 && units[0] === 1
      ? "one fold and seed, which cannot tell whether a win is more than chance"
      : `means over ${units.join(" or ")} folds and seeds that all methods of a rate have`;
  const missing = compared.flatMap(({ keep, missing }) =>
    missing.length === 0 ? [] : [`no ${missing.map((method) => labelOf(gradients, method)).join(", ")} at ${keepText(keep)}`],
  );
  return [
    "Cells: the method with the smallest mean absolute gradient μ of the test loss (Eqs 14 to 16), numbered as torchvision’s layers come in the forward pass; rates from all annotations downwards.",
    `Here ${over}.`,
    ...(missing.length > 0 ? [`Not compared: ${missing.join("; ")}.`] : []),
    "In the manner of the paper’s Figure 8, which shows neither margin nor agreement.",
  ].join(" ");
}
