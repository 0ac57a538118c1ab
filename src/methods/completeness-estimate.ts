// How many of the cells are marked, estimated while a detector learns, by expectation: the labelled RoIs over them and the RoIs
// that are probably hidden cells. Counts are of all candidates that the sampled RoIs stand for, so the estimate is that of cells.
//
// An unlabelled RoI with the odds p / p_0 of a cell is a hidden one with the odds (1 − c) p / p_0. The network is trained with a
// smaller c′ (completeness.ts, caution), so its odds are c / c′ times too high where it is unsure. What it was trained to say is
// P(labelled) = c′ p; with c′ = c every c would agree with what the network says of hidden cells, and the estimate would drift to 1
// as labels are learned by heart. With c′ < c, p saturates at 1 on cells, marked or not, and the marked ones can be counted: an
// estimate that is too large falls, one that is too small rises. After a part of the training it is held all the same.
//
// RoIs of which the network is sure count most (p⁴): the many unsure ones would add up to more cells than there are. Around a
// hidden cell there are also RoIs that overlap it by less than a labelled one its cell, and are scored no lower; so around a
// marked cell those are counted with it.

import { type Conclusion, classesOf, type Memory, type NamedArrays, type Rois } from "./calibration.ts";

/** From this IoU with a marked cell on, an unlabelled RoI is beside that cell, and not on a hidden one. */
export const BESIDE = 0.1;

/** From this IoU on it counts as one on the marked cell. */
const UPON = 0.3;

/** The estimate before the first step: small, because from 1 it would never fall. It weighs as much as one cell. */
const FIRST = 0.1;
const LEAST = 0.01;

/** How much an RoI that is a cell with probability `p` counts. */
const sureness = (p: number): number => p ** 4;

/** Averages are over about the last quarter of the steps so far: old steps saw another network. */
const QUARTER = 4;

/**
 * `counts`, over images: steps, marked m, hidden h, m m, m h, h h. `shifts`: steps, images, and over these the sum of the logarithm
 * of trained over sampled c.
 */
type State = { readonly counts: Float64Array; readonly shifts: Float64Array };

/** Part of the cells that is marked, as estimated so far. */
export function estimateOf({ counts: [, marked, hidden] }: NamedArrays): number {
  return Math.max(LEAST, marked / (marked + hidden));
}

/** Two standard errors on either side, from how much images differ. */
export function intervalOf(state: NamedArrays): readonly [low: number, high: number] {
  const [, marked, hidden, mm, mh, hh] = state.counts;
  const c = marked / (marked + hidden);
  const deviation = (1 - c) ** 2 * mm - 2 * c * (1 - c) * mh + c ** 2 * hh; // Σ ((1 − c) m − c h)² over images
  const error = Math.sqrt(Math.max(deviation, 0)) / (marked + hidden);
  return [Math.max(0, c - 2 * error), Math.min(1, c + 2 * error)];
}

/** What an image adds. `sampled` and `trained`: c of its RoIs as it is believed to be, and as the loss has it. */
export function observe(
  rois: Rois,
  { sampled, trained }: { readonly sampled: number; readonly trained: number },
  { counts }: { readonly counts: boolean },
): NamedArrays {
  const shifts = Float64Array.of(1, 1, Math.log(trained / sampled));
  if (!counts) return { counts: new Float64Array(6), shifts };
  const classes = classesOf(rois);
  let [marked, hidden] = [0, 0];
  rois.labels.forEach((label, r) => {
    if (rois.certain[r]) return;
    const cell = withOdds(1 - rois.probabilities[r * classes], trained / sampled);
    const count = rois.standsFor[r] * sureness(cell);
    const overlap = rois.overlaps[r];
    // An annotated box that is a proposal itself (IoU 1) has no counterpart among the hidden cells.
    if (label > 0 || overlap >= UPON) marked += overlap < 1 ? count : 0;
    else if (overlap < BESIDE) hidden += count * withOdds(cell, 1 - sampled);
  });
  return { counts: Float64Array.of(1, marked, hidden, marked ** 2, marked * hidden, hidden ** 2), shifts };
}

export const completenessMemory = ({ given, scale }: { given: number | null; scale: boolean }): Memory => ({
  initial: (): State => ({ counts: Float64Array.of(0, FIRST, 1 - FIRST, 0, 0, 0), shifts: Float64Array.of(0, 0, 0) }),
  next: ({ counts, shifts }, observed): State => ({
    counts: averaged(counts, observed.counts, (i, kept) => (i < 3 ? kept : kept ** 2)),
    shifts: averaged(shifts, observed.shifts, (_, kept) => kept),
  }),
  report: given === null ? (state) => ({ completeness: estimateOf(state) }) : undefined,
  conclude(state): Conclusion {
    const [, images, logarithms] = state.shifts;
    const scoreOdds = scale && images > 0 ? Math.exp(logarithms / images) : 1;
    if (given !== null) return { note: `trained as told: about ${percent(given)} of the cells are marked`, scoreOdds };
    const [low, high] = intervalOf(state)
      .map((part) => (100 * part).toPrecision(2))
      .map(Number);
    return { note: `about ${percent(estimateOf(state))} of the cells are marked (${low} to ${high})`, scoreOdds };
  },
});

/** The probability whose odds are `factor` times those of `p`. */
const withOdds = (p: number, factor: number): number => (p * factor === 0 ? 0 : (factor * p) / (factor * p + 1 - p));

/** Sums of a step added to those before it, which fade; nothing changes after a step that observed nothing. */
function averaged(sums: Float64Array, observed: Float64Array, fading: (i: number, kept: number) => number): Float64Array {
  if (observed[0] === 0) return sums.slice();
  const steps = sums[0] + 1;
  const kept = 1 - QUARTER / (steps + QUARTER);
  return sums.map((sum, i) => (i === 0 ? steps : fading(i, kept) * sum + observed[i]));
}

const percent = (part: number): string => `${Number((100 * part).toPrecision(2))} %`;
