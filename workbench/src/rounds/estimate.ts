// What the answers say of all suspects: how many are cells, and so how many cells are marked. Suspects at the head of the queue were
// chosen for their score and say nothing of the others; those that were drawn do. Of each part of the scores: what has been answered in
// order counts as it is, and of the rest the part of cells is that among its drawn ones (a stratified sample with a part taken whole).
// The interval is Bayesian, which holds for few answers and for parts near 0 and 1 (posterior.ts), and the sums are drawn from it.

import type { Estimate, Interval } from "../api.ts";
import { Random } from "../sparsecell.ts";
import { binomial, chances } from "./posterior.ts";
import { FIRST_THAT_COUNTS, type Queued, STRATA } from "./queue.ts";

/** What is known of a suspected missing cell by now. */
export type Outcome = "cell" | "not" | "unsure";

export interface Answers {
  readonly queue: readonly Queued[];
  /** null: not answered yet. */
  readonly outcomeOf: (queued: Queued) => Outcome | null;
  /** It was answered on a sheet, so neither in order nor as one that was drawn. */
  readonly isOnSheet?: (queued: Queued) => boolean;
  /** Cells that are marked by now and are no suspect: those that the round learned from, and others since. */
  readonly marked: number;
  /** Cells that were suspects and are marked by now, whether by an answer or by hand. */
  readonly added: number;
  /** Of the cells the part that the model finds at all, where it was measured on held-out marks. */
  readonly found?: number;
}

/** Fewer drawn suspects say too little. */
export const LEAST_DRAWN = 8;
const DRAWS = 1000;

export interface AnswersSay extends Estimate {
  /** How many cells there are, marked or not. */
  readonly cells: Interval | null;
}

export function estimateOf(answers: Answers): AnswersSay {
  const { outcomeOf, isOnSheet = never } = answers;
  const drawn = answers.queue.filter((queued) => queued.drawn && !isOnSheet(queued) && outcomeOf(queued) !== null).length;
  const { precision, completeness, hidden, cells } = drawn < LEAST_DRAWN ? unknown : intervals(answers);
  return { precision, completeness, cells, advice: adviceOf({ ...answers, drawn, precision, completeness, hidden }) };
}

const never = (): boolean => false;

const unknown = { precision: null, completeness: null, hidden: null, cells: null };

/** A part of the scores. */
interface Stratum {
  /** Answered in order. */
  readonly cells: number;
  readonly nots: number;
  /** All others, and of these the drawn ones. */
  readonly rest: number;
  readonly drawnCells: number;
  readonly drawnNots: number;
  readonly drawnUnsure: number;
}

/**
 * Up to the last one that was answered in order, all that are answered count as they are, and so do those of sheets, which were chosen
 * before anybody knew what they are; of the rest the drawn ones are a random sample.
 */
export function strataOf({ queue, outcomeOf, isOnSheet = never }: Pick<Answers, "queue" | "outcomeOf" | "isOnSheet">): Stratum[] {
  const answered = queue
    .filter((queued) => queued.stratum !== null)
    .map((queued) => ({ ...queued, outcome: outcomeOf(queued), isApart: isOnSheet(queued) }));
  const inTurn = answered.filter(({ drawn, outcome, isApart }) => !drawn && outcome !== null && !isApart);
  const last = inTurn.reduce((most, { rank }) => Math.max(most, rank), -1);
  return Array.from({ length: STRATA }, (_, stratum) => {
    const here = answered.filter((queued) => queued.stratum === stratum);
    const inOrder = here.filter(({ rank, outcome, isApart }) => outcome !== null && (isApart || rank <= last));
    const rest = here.filter(({ rank, outcome, isApart }) => outcome === null || (!isApart && rank > last));
    const count = (list: typeof here, wanted: Outcome): number => list.filter(({ outcome }) => outcome === wanted).length;
    const drawn = rest.filter((queued) => queued.drawn);
    return {
      cells: count(inOrder, "cell"),
      nots: count(inOrder, "not"),
      rest: rest.length,
      drawnCells: count(drawn, "cell"),
      drawnNots: count(drawn, "not"),
      drawnUnsure: count(drawn, "unsure"),
    };
  });
}

function intervals(answers: Answers) {
  const strata = strataOf(answers);
  const random = new Random(answers.queue.length, 3);
  const { marked, added, found = 1 } = answers;
  const [precisions, parts, hidden, totals]: [number[], number[], number[], number[]] = [[], [], [], []];
  const samples = strata.map(({ drawnCells, drawnNots }) => ({ yes: drawnCells, no: drawnNots }));
  for (const chance of chances(samples, DRAWS, random)) {
    let [cells, cellsThatCount, countedThat] = [0, 0, 0];
    strata.forEach((stratum, i) => {
      const { cells: here, nots } = drawnFrom(stratum, chance[i], random);
      cells += here;
      if (i >= FIRST_THAT_COUNTS) [cellsThatCount, countedThat] = [cellsThatCount + here, countedThat + here + nots];
    });
    if (countedThat > 0) precisions.push(cellsThatCount / countedThat);
    const all = (marked + Math.max(cells, added)) / found;
    parts.push(all === 0 ? 1 : Math.min(1, (marked + added) / all));
    hidden.push(Math.max(0, cells - added));
    totals.push(all);
  }
  return {
    precision: precisions.length === 0 ? null : interval(precisions),
    completeness: interval(parts),
    hidden: interval(hidden),
    cells: interval(totals),
  };
}

/** All cells of a part of the scores, and all that are not: one draw from what may be. `chance`: of one of the rest. */
function drawnFrom({ cells, nots, rest, drawnCells, drawnNots, drawnUnsure }: Stratum, chance: number, random: Random) {
  const decided = drawnCells + drawnNots;
  const share = decided + drawnUnsure === 0 ? 1 : decided / (decided + drawnUnsure);
  const left = Math.round((rest - decided - drawnUnsure) * share); // what nobody could tell is neither
  const more = left === 0 ? 0 : binomial(left, chance, random);
  return { cells: cells + drawnCells + more, nots: nots + drawnNots + left - more };
}

function interval(values: number[]): Interval {
  const sorted = values.sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return { value: sorted.reduce((sum, value) => sum + value, 0) / sorted.length, low: at(0.025), high: at(0.975) };
}

/** Answers after which training again is worth its time. */
const A_ROUND = 50;

interface Known extends Answers {
  readonly drawn: number;
  readonly precision: Interval | null;
  readonly completeness: Interval | null;
  readonly hidden: Interval | null;
}

function adviceOf({ queue, outcomeOf, isOnSheet = never, drawn, precision, completeness, hidden }: Known): string {
  const answered = queue.filter((queued) => outcomeOf(queued) !== null).length;
  if (queue.length === 0) return "Marks and model agree: nothing is suspected. Export, or mark on another image.";
  if (answered === queue.length) return "All suspects are answered. Train again, or export.";
  if (precision === null || completeness === null || hidden === null) {
    const more = 3 * Math.max(1, LEAST_DRAWN - drawn);
    return queue.some((queued) => isOnSheet(queued) && outcomeOf(queued) !== null)
      ? `Train again: ${answered} answers are new. About ${more} more, one by one, say how many cells are missing.`
      : `Answer about ${more} more; then the answers say how many cells are missing.`;
  }
  if (completeness.low >= 0.95) return "Stop: at least 95 % of the cells are marked. Export.";
  if (precision.low >= 0.9)
    return `Stop: at least ${percent(precision.low)} of what the model finds are cells, so take its detections. Export.`;
  if (answered >= A_ROUND)
    return `Train again: ${answered} answers are new. About ${Math.round(hidden.value)} cells are not marked.`;
  return `Answer on: about ${Math.round(hidden.value)} cells are not marked. ${A_ROUND - answered} more answers make a round.`;
}

const percent = (part: number): string => `${Math.floor(100 * part)} %`;
