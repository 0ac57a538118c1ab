// The likelihood of incomplete labels (positive-unlabelled learning with labels selected at random: Elkan and Noto, KDD 2008,
// https://doi.org/10.1145/1401890.1401920). An RoI without a label is not background but unlabelled. With p_k the probability of a
// cell of class k and c_k the completeness, the part of these cells that is marked, a labelled RoI has the likelihood c_k p_k, and
// an unlabelled one
//   1 − Σ c_k p_k = p_0 + Σ (1 − c_k) p_k
// the sum over what it may be: background, or a hidden cell. The gradient of −log of that is the plain one for the target
//   p_0 / S, (1 − c_k) p_k / S     S = p_0 + Σ (1 − c_k) p_k
// what the RoI is, given that nobody marked it. With one c for all classes it is also that of −log p_0 times
//   w = c p_0 / (1 − c + c p_0)
// so c = 1 is the plain loss, p → 0 a constant weight c, and at p → 1 nothing drives the network to unlearn a cell that it believes
// in. RoIs that overlap a marked cell, though too little to be labelled, keep the plain loss: a hidden cell seldom lies so near, and
// they show where a cell ends. Where c is not given it is counted (completeness-estimate.ts), after a fifth and two fifths of the
// training: before, a network knows too little, and after, too much, by heart. People mark cells side by side, one corner of an image
// or some of the images. So c also depends on the distance of the nearest marked cell, as it is counted then (labels selected by an
// attribute: Bekker, Robberechts and Davis, ECML PKDD 2019, https://arxiv.org/abs/1809.03207).

import { flag, number, oneOf, orNull } from "../settings/setting.ts";
import {
  type Calibrated,
  classesOf,
  type Found,
  type Memory,
  type NamedArrays,
  oneHot,
  ones,
  type Rois,
  type StepContext,
} from "./calibration.ts";
import { completenessByDistance, completenessOf, distanceGroup, EVERYWHERE, scoreOdds } from "./completeness-estimate.ts";
import { method } from "./method.ts";

/** Caution lowers no c below this: nothing more would be gained, and background hardly be learned. */
const LEAST_CAUTIOUS = 0.1;

/** Before anything is counted: small, because that is safe. */
const FIRST = 0.1;

/** Marks of a class that weigh as much as those of all classes together. */
const SHRINKAGE = 30;

/** What an unlabelled RoI is, given the class probabilities `p` (0: background) of an RoI of which nothing is known. */
export function unlabelled(p: Float32Array, c: (label: number) => number): Float64Array {
  const joint = Float64Array.from(p, (value, k) => (k === 0 ? value : (1 - c(k)) * value));
  const sum = joint.reduce((total, value) => total + value);
  return sum > 0 ? joint.map((value) => value / sum) : joint.map((_, k) => (k === 0 ? 1 : 0)); // c = 1, p_0 = 0
}

/**
 * The completeness of sampled RoIs, where that of cells is `c` and labelled RoIs are sampled `rate` times as often as others. The
 * sample has all of the marked cells and few of the others, so its completeness is larger.
 */
export const sampledCompleteness = (c: number, rate: number): number => (rate * c) / (1 - c + rate * c);

/**
 * The c to train with: as though there were `caution` times as many hidden cells in the sample. Too small a c is safe for the
 * ranking of the scores, too large a one is not; and without hidden cells, at c = 1, there is nothing to be cautious about.
 */
export function cautious(c: number, caution: number): number {
  const lowered = c / (c + caution * (1 - c));
  return Math.max(lowered, Math.min(c, LEAST_CAUTIOUS));
}

/** How much more often than an unlabelled RoI of the image a labelled one was sampled. */
export function samplingRate({ labels, standsFor }: Rois): number {
  const [labelled, unlabelled] = [labels.findIndex((label) => label > 0), labels.indexOf(0)];
  return (standsFor[unlabelled] ?? 1) / (standsFor[labelled] ?? 1);
}

export const completeness = method({
  name: "completeness",
  label: "FPN + completeness",
  meaning: "an RoI without a label may be a hidden cell: the likelihood 1 − c p",
  options: {
    c: orNull(number(0.1, "part of the cells that is marked; without it, it is counted", [0.001, 1]), "counted"),
    classes: oneOf(["one", "each"], "one c for all classes, or one each"),
    caution: number(3, "the trained c is that of so many times as many hidden cells", [1, 1000]),
    until: number(0.4, "part of the training after which c is held", [0.01, 1]),
    rpn: flag(true, "the first stage's anchors have the likelihood, too"),
    distance: flag(true, "c depends on how far the nearest marked cell is, as that is counted"),
    beside: number(0.3, "RoIs that overlap a marked cell by this IoU or more are certain background; 0.5: none", [0, 0.5]),
    scale: flag(true, "the model's scores are shifted so that they add up to the number of cells found"),
  },
  calibration: ({ c: given, classes, caution, until, rpn, distance, beside, scale }) => {
    const believed = ({ completeness: parts }: NamedArrays, label: number): number =>
      given ?? parts[classes === "each" && label < parts.length ? label : 0];
    const nearness = ({ nearness: times }: NamedArrays): number[] => Array.from(times ?? EVERYWHERE);
    const calibrated = (rois: Rois, { state }: StepContext, beliefs = state): Calibrated => {
      const rate = samplingRate(rois);
      const trained = nearness(beliefs).map((times) =>
        Array.from({ length: classesOf(rois) }, (_, label) =>
          cautious(sampledCompleteness(Math.min(1, times * believed(beliefs, label)), rate), caution),
        ),
      );
      const distribution = oneHot(rois);
      rois.labels.forEach((label, r) => {
        if (label > 0 || rois.overlaps[r] >= beside) return;
        const parts = trained[distanceGroup(rois.distances[r])];
        const at = r * parts.length;
        distribution.set(
          unlabelled(rois.probabilities.subarray(at, at + parts.length), (k) => parts[k]),
          at,
        );
      });
      return { distribution, classWeight: ones(rois.labels.length), boxWeight: ones(rois.labels.length) };
    };
    return {
      calibrate: (rois, context) => calibrated(rois, context),
      calibrateAnchors: rpn
        ? (anchors, context) => calibrated(anchors, context, classes === "one" ? context.state : overall(context.state))
        : undefined,
      memory: memoryOf({ given, until, distance, scale }),
    };
  },
});

/** Anchors know cells, not their classes. */
const overall = ({ completeness: [all], nearness }: NamedArrays): NamedArrays => ({
  completeness: Float64Array.of(all, all),
  nearness,
});

/**
 * `completeness` [C]: of all classes together, and of each. `interval`: two standard errors on either side; 0 and 0: not counted.
 * `nearness`: what c is multiplied by at each distance.
 */
type State = { readonly completeness: Float64Array; readonly interval: Float64Array; readonly nearness: Float64Array };

interface MemoryOptions {
  readonly given: number | null;
  readonly until: number;
  readonly distance: boolean;
  readonly scale: boolean;
}

function memoryOf(options: MemoryOptions): Memory {
  const { given, until, distance, scale } = options;
  const looks = [until / 2, until];
  const nearnessOf = (found: Found): Float64Array => (distance ? completenessByDistance(found) : EVERYWHERE.slice());
  const scoreOddsFor = (found: Found, part: number): number =>
    scale && found.cells.some(({ isMarked }) => isMarked) ? scoreOdds(found, part) : 1;
  if (given !== null)
    return {
      initial: () => ({ nearness: EVERYWHERE.slice() }),
      ...(distance && { looks, look: (_, found) => ({ nearness: nearnessOf(found) }) }),
      conclude: (_, found) => ({
        note: `trained as told: about ${percent(given)} of the cells are marked`,
        scoreOdds: scoreOddsFor(found, given),
      }),
    };
  return {
    initial: (classes = 2): State => ({
      completeness: new Float64Array(classes).fill(FIRST),
      interval: new Float64Array(2),
      nearness: EVERYWHERE.slice(),
    }),
    looks,
    look(state, found): NamedArrays {
      const nearness = nearnessOf(found);
      const estimate = completenessOf(found, nearness);
      if (estimate === null) return state;
      const { part, low, high } = estimate;
      // A first count may be far too small, of a network that knows too little, but not too large.
      const least = isUncounted(state) ? FIRST : 0;
      const parts = state.completeness.map((_, label) =>
        Math.max(least, label === 0 ? part : ofClass(label, found, nearness, part)),
      );
      return { completeness: parts, interval: Float64Array.of(low, Math.max(high, parts[0])), nearness };
    },
    report: ({ completeness: [part] }) => ({ completeness: part }),
    conclude(state, found) {
      const [part, [low, high]] = [state.completeness[0], state.interval];
      if (isUncounted(state)) return { note: "too few marks were found to say how many of the cells are marked", scoreOdds: 1 };
      return {
        note: `about ${percent(part)} of the cells are marked (${number2(low)} to ${number2(high)})`,
        completeness: { part, low, high },
        scoreOdds: scoreOddsFor(found, part),
      };
    },
  };
}

const isUncounted = ({ interval: [, high] }: NamedArrays): boolean => high === 0;

/** The part of the cells of one class that is marked, drawn towards that of all classes where few of its marks are found. */
function ofClass(label: number, { cells, marks }: Found, nearness: Float64Array, overall: number): number {
  const found = cells.filter((cell) => cell.label === label);
  const marked = found.filter(({ isMarked }) => isMarked).length;
  const all = cells.filter(({ isMarked }) => isMarked).length;
  const own = completenessOf({ cells: found, marks: (marks * marked) / Math.max(1, all) }, nearness);
  const weight = own === null ? 0 : marked / (marked + SHRINKAGE);
  return Math.exp(weight * Math.log(own?.part ?? 1) + (1 - weight) * Math.log(overall));
}

const number2 = (part: number): string => String(Number((100 * part).toPrecision(2)));
const percent = (part: number): string => `${number2(part)} %`;
