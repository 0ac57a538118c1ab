// A gradient analysis as a document, and its blocks for the report of a grid.

import type { Gradients } from "../../runs/gradients.ts";
import { keepText } from "../../runs/grid.ts";
import type { Block, Document } from "../document/document.ts";
import { counted, versionsText } from "../document/words.ts";
import { agreementOf } from "./agreement.ts";
import { gradientFigure } from "./figure.ts";
import { agreementTable, layerTable, shareTable } from "./tables.ts";
import { isCompared, type LayerWinner, type RateWinners, rateWinners, winnersWithin } from "./winners.ts";
import { imagesInWords, unitsInWords } from "./words.ts";

const TITLE = "Which layers does a method train better?";

/** Null where no rate has two methods: there is nothing to compare. */
export function gradientDocument(gradients: Gradients): Document | null {
  const blocks = gradientBlocks(gradients);
  if (blocks === null) return null;
  const { dataset, runs, versions } = gradients;
  return {
    title: TITLE,
    subtitle: `${dataset} · ${counted(runs.length, "run")}, ${unitsInWords(runs)}, ${imagesInWords(gradients)} · after Figure 8 of the paper`,
    answer: gradientAnswer(gradients),
    warnings: [],
    sections: [
      { title: "Smallest gradient by layer", blocks },
      {
        title: "How it was made",
        blocks: [
          {
            kind: "facts",
            facts: [
              { label: "loss", value: lossInWords(gradients) },
              { label: "sampling of anchors and RoIs", value: `seed ${gradients.samplingSeed} in every run` },
              { label: "versions", value: versionsText(versions) },
            ],
          },
        ],
      },
    ],
  };
}

/** The figure and its tables; null where there is nothing to compare. */
export function gradientBlocks(gradients: Gradients): Block[] | null {
  const figure = gradientFigure(gradients);
  if (figure === null) return null;
  const rates = rateWinners(gradients).reverse();
  const compared = rates.filter(isCompared);
  const title = "Layers that each method wins";
  const agreement = agreementTable(gradients, rates);
  const byRate = compared.map(
    (rate): Block => ({
      kind: "table",
      table: shareTable(gradients, { rates: [rate], title: `${title}, ${keepText(rate.keep)} of the annotations kept` }),
    }),
  );
  return [
    { kind: "figure", figure },
    {
      kind: "table",
      table: shareTable(gradients, { rates, title: compared.length > 1 ? `${title}, all rates together` : title }),
    },
    agreement
      ? { kind: "table", table: agreement }
      : { kind: "text", text: "One fold and seed cannot tell which of these wins are chance; compare more of them." },
    ...(compared.length > 1
      ? [{ kind: "fold", label: "Layers that each method wins, by rate", open: false, blocks: byRate } as const]
      : []),
    { kind: "fold", label: "Every layer", open: false, blocks: [{ kind: "table", table: layerTable(gradients, rates) }] },
  ];
}

/** One paragraph per question: which method wins, do folds agree, is it the middle layers. */
export function gradientAnswer(gradients: Gradients): string[] {
  const rates = rateWinners(gradients).filter(isCompared);
  const layers = gradients.runs[0].layers.length;
  const all = winnersWithin(rates, { first: 1, last: layers });
  const shares = gradients.methods
    .map(({ label }, method) => ({ label, method, share: shareOf(all, method) }))
    .filter(({ method }) => rates.some(({ methods }) => methods.includes(method)))
    .sort((a, b) => b.share - a.share);
  const [most, ...others] = shares.map(({ label, share }) => `${label} ${percent(share)}`);
  const low = all.filter((winner) => winner !== null && winner.margin < 0.05).length;
  return [
    `Smallest gradient most often: ${most} of ${counted(all.length, "cell")} (layers × rates); ${others.join(", ")}. In ${percent(low / all.length)} of the cells the second best is less than 5 % away.`,
    ...agreementSentence(rates, layers),
    ...middleSentence(gradients, rates),
  ];
}

function agreementSentence(rates: readonly RateWinners[], layers: number): string[] {
  const agreements = rates.flatMap((rate) => {
    const agreement = agreementOf(rate);
    return agreement ? [{ keep: rate.keep, ...agreement }] : [];
  });
  if (agreements.length === 0) return [];
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const [agreed, byChance] = [sum(agreements.map(({ layers }) => layers)), sum(agreements.map(({ byChance }) => byChance))];
  const beyond = agreements.filter(({ p }) => p < 0.05).map(({ keep }) => keepText(keep));
  return [
    `All folds and seeds have the same winner in ${agreed} of ${agreements.length * layers} cells; by chance it would be ${byChance.toFixed(1)}. That is more than chance gives (p < 0.05) at ${beyond.length > 0 ? `${beyond.join(", ")} of the annotations` : "no rate"}.`,
  ];
}

/** The paper's finding, "BDE improves most of the middle layers" (20 to 60 of 80) below half of the annotations. */
function middleSentence({ methods, runs }: Gradients, rates: readonly RateWinners[]): string[] {
  const layers = runs[0].layers.length;
  const bde = methods.findIndex(({ name }) => name.split(":", 1)[0] === "bde");
  const sparse = rates.filter(({ keep, methods }) => (keep === "one-per-image" || keep < 0.5) && methods.includes(bde));
  if (sparse.length === 0) return [];
  const [first, last] = [Math.round(layers / 4), Math.round((3 * layers) / 4)];
  const middle = winnersWithin(sparse, { first, last });
  const others = [
    ...winnersWithin(sparse, { first: 1, last: first - 1 }),
    ...winnersWithin(sparse, { first: last + 1, last: layers }),
  ];
  return [
    `The paper saw BDE ahead in most of the middle layers below half of the annotations. Here ${methods[bde].label} has the smallest gradient in ${percent(shareOf(middle, bde))} of the middle layers (${first} to ${last} of ${layers}; at ${sparse.map(({ keep }) => keepText(keep)).join(", ")}) and in ${percent(shareOf(others, bde))} of the others.`,
  ];
}

const shareOf = (winners: readonly (LayerWinner | null)[], method: number): number =>
  winners.length === 0 ? 0 : winners.filter((winner) => winner?.method === method).length / winners.length;

const percent = (part: number): string => `${(100 * part).toFixed(0)} %`;

const lossInWords = ({ loss, split }: Gradients): string =>
  `${loss === "all" ? "both losses of the second stage (Eq. 1) and both of the first" : "both losses of the second stage (Eq. 1) alone"}, not calibrated, on ${split === "test" ? "test" : "training"} images with all of their annotations, in float32`;
