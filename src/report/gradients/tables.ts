// The tables beside Figure 8: how many layers each method wins in each block, how far folds and seeds agree, and every layer.

import type { Gradients } from "../../runs/gradients.ts";
import { keepText } from "../../runs/grid.ts";
import type { Table, TableCell } from "../document/document.ts";
import { counted } from "../document/words.ts";
import { agreementOf } from "./agreement.ts";
import { blocksOf, isCompared, type LayerWinner, type RateWinners, winnersWithin } from "./winners.ts";

const percent = (part: number): string => `${(100 * part).toFixed(0)} %`;

/** Of the layers of each block, over all `rates` that compare; those without a winner count in the whole. */
export function shareTable(gradients: Gradients, { rates, title }: { rates: readonly RateWinners[]; title: string }): Table {
  const blocks = blocksOf(gradients);
  const all = { name: "all layers", first: 1, last: gradients.runs[0].layers.length };
  const compared = rates.filter(isCompared);
  return {
    title,
    rowHead: "smallest gradient",
    columns: [...blocks, all].map(({ name, first, last }) => ({ label: `${name} (${last - first + 1})` })),
    rows: gradients.methods.flatMap(({ label }, method) => {
      if (!compared.some(({ methods }) => methods.includes(method))) return [];
      const share = (winners: readonly (LayerWinner | null)[]) => won(winners, method) / winners.length;
      return [{ label, method, cells: [...blocks, all].map((range) => ({ text: percent(share(winnersWithin(rates, range))) })) }];
    }),
    notes: [`In brackets: number of layers. ${chanceText(compared)}`],
  };
}

const won = (winners: readonly (LayerWinner | null)[], method: number): number =>
  winners.filter((winner) => winner?.method === method).length;

function chanceText(rates: readonly RateWinners[]): string {
  const counts = [...new Set(rates.map(({ methods }) => methods.length))];
  const shares = counts.map((count) => `${percent(1 / count)} with ${count} methods`);
  return `By chance each would win ${shares.join(", ")}. Layers of one block are not independent of each other.`;
}

/** On how many layers folds and seeds agree, against chance; null where no rate has two of them. */
export function agreementTable(gradients: Gradients, rates: readonly RateWinners[]): Table | null {
  const rows = rates.filter(isCompared).flatMap((rate) => {
    const agreement = agreementOf(rate);
    return agreement ? [{ rate, agreement }] : [];
  });
  if (rows.length === 0) return null;
  const blocks = blocksOf(gradients);
  const layers = gradients.runs[0].layers.length;
  const of = (part: number, whole: number, digits = 0): TableCell => ({ text: `${part.toFixed(digits)} of ${whole}` });
  return {
    title: "Layers on which all folds and seeds have the same winner",
    rowHead: "annotations kept",
    columns: [
      ...blocks.map(({ name }) => ({ group: "by block", label: name })),
      ...["all layers", "by chance", "p"].map((label) => ({ group: "together", label })),
      ...["folds and seeds", "methods"].map((label) => ({ group: "compared", label })),
    ],
    rows: rows.map(({ rate, agreement }) => ({
      label: keepText(rate.keep),
      cells: [
        ...blocks.map(({ first, last }) => {
          const winners = rate.winners.slice(first - 1, last);
          return of(winners.filter((winner) => winner?.agreeing === rate.units).length, winners.length);
        }),
        of(agreement.layers, layers),
        of(agreement.byChance, layers, 1),
        { text: agreement.p < 0.001 ? "< 0.001" : agreement.p.toFixed(agreement.p < 0.1 ? 3 : 2) },
        { text: String(rate.units) },
        { text: String(rate.methods.length) },
      ],
    })),
    notes: [
      "By chance: the mean over 2000 random reassignments of the methods’ names, each fold and seed by itself, all layers of a training together. p: how often these agree on as many layers or more (not corrected for the number of rates). A large p means that chance gives such wins.",
    ],
  };
}

/** Which layer a number is, and who wins it. */
export function layerTable(gradients: Gradients, rates: readonly RateWinners[]): Table {
  const compared = rates.filter(isCompared);
  return {
    title: "Every layer",
    rowHead: "layer",
    columns: compared.map(({ keep }) => ({ label: keepText(keep) })),
    rows: gradients.runs[0].layers.map(({ layer, name, block }, l) => ({
      group: block,
      label: `${layer} ${name.replace(/\.weight$/, "")}`,
      cells: compared.map(({ winners, units }): TableCell => {
        const winner = winners[l];
        if (winner === null) return { text: "a tie" };
        const agreed = units > 1 ? `, ${winner.agreeing} of ${units}` : "";
        return {
          text: gradients.methods[winner.method].label,
          below: `${winner.mean.toExponential(1)}, −${percent(winner.margin)}${agreed}`,
        };
      }),
    })),
    notes: [
      `Below the winner: its mean μ, how far that is below the second best${compared.some(({ units }) => units > 1) ? ", and in how many of the folds and seeds it is the smallest" : ""}. ${counted(gradients.runs.length, "run")}.`,
    ],
  };
}
