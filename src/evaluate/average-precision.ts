// Average precision in its three usual forms. All rank detections by score, compute precision and recall after each one, and take
// as the precision at a recall r the highest precision at any recall ≥ r (0 if there is none):
// - eleven recall levels: Li et al. 2021, Eqs 12 and 13; PASCAL VOC until 2009 (Everingham et al. 2010,
//   https://doi.org/10.1007/s11263-009-0275-4, section 4.2);
// - all points, the area under that curve: PASCAL VOC from 2010 on (development kit, section 3.4.1);
// - 101 levels: COCO (https://github.com/cocodataset/cocoapi, cocoeval.py, accumulate).
//
// `hits`: for every detection, from the highest score to the lowest, whether it found a truth that no earlier one found.
// Equal scores count in the given order. `truths`: the number to be found. Results are in [0, 1], and 0 without truths or
// detections. Throws a RangeError on more hits than truths.

/**
 * AP = 1/11 Σ p(r) over r in {0, 0.1, …, 1}, Eqs (12) and (13) of Li et al. 2021: in [0, 1], and 0 without truths or detections.
 * `hits`: whether each detection found a new truth, from the highest score to the lowest. `truths`: the number to be found.
 * Throws a RangeError on more hits than truths.
 *
 * @example
 * averagePrecision11([true, false, true], 2); // (6 · 1 + 5 · 2/3) / 11
 */
export function averagePrecision11(hits: Iterable<boolean>, truths: number): number {
  // found/truths ≥ k/10 is tested in integers, because 3/10 ≥ 0.1 + 0.1 + 0.1 fails in floating point; a quotient of integers
  // never rounds up to the next integer.
  return meanOverLevels(hits, truths, { levels: 11, reached: (found) => Math.floor((10 * found) / truths) });
}

/** The mean of p(r) over r in {0, 0.01, …, 1}. */
export function averagePrecision101(hits: Iterable<boolean>, truths: number): number {
  // Compared with the numbers k · 0.01, as in COCO's tool: 7/20 does not reach 35 · 0.01 = 0.35000000000000003.
  const reached = (found: number): number => {
    const recall = found / truths;
    const level = Math.min(100, Math.floor(100 * recall + 0.5));
    return level * 0.01 <= recall ? level : level - 1;
  };
  return meanOverLevels(hits, truths, { levels: 101, reached });
}

/** The integral of p(r) over r from 0 to 1. */
export function averagePrecisionAllPoints(hits: Iterable<boolean>, truths: number): number {
  // One level per truth: p is constant between two of them, and the level at 0 has no width.
  const precisionAt = precisionFrom(hits, truths, { levels: truths + 1, reached: (found) => found });
  let sum = 0;
  for (let found = 1; found <= truths; found++) sum += precisionAt[found];
  return truths === 0 ? 0 : sum / truths;
}

interface Levels {
  readonly levels: number;
  /** The highest level reached by the recall of `found` truths. */
  readonly reached: (found: number) => number;
}

function meanOverLevels(hits: Iterable<boolean>, truths: number, levels: Levels): number {
  let sum = 0;
  for (const precision of precisionFrom(hits, truths, levels).reverse()) sum += precision; // Eq. (12)
  return sum / levels.levels;
}

/** At every level, the highest precision there or at a higher recall. */
function precisionFrom(hits: Iterable<boolean>, truths: number, { levels, reached }: Levels): Float64Array {
  const highest = new Float64Array(levels);
  let found = 0;
  let detections = 0;
  for (const hit of hits) {
    detections++;
    if (!hit) continue; // a miss lowers precision at the same recall
    found++;
    if (found > truths) throw new RangeError(`average precision: expected at most ${truths} hits, one per truth, got more`);
    const level = reached(found);
    highest[level] = Math.max(highest[level], found / detections);
  }
  for (let level = levels - 2; level >= 0; level--) highest[level] = Math.max(highest[level], highest[level + 1]); // Eq. (13)
  return highest;
}
