// Average precision by interpolation at eleven recall levels (Li et al. 2021, Eqs 12 and 13; PASCAL VOC until 2009,
// Everingham et al. 2010, https://doi.org/10.1007/s11263-009-0275-4, section 4.2).

/**
 * AP = 1/11 Σ p_interp(r) over r in {0, 0.1, …, 1}, p_interp(r) the highest precision measured at a recall ≥ r, 0 where the
 * recall is never reached. In [0, 1]; 0 without truths and without detections.
 *
 * `hits`: for every detection, from the highest score to the lowest, whether it found a truth that no earlier one found.
 * Precision and recall are measured after each detection, also between equal scores, whose order is then the given one.
 * `truths`: how many there are to find.
 */
export function averagePrecision11(hits: Iterable<boolean>, truths: number): number {
  // precisionFrom[k]: the highest precision at a recall in [k/10, (k + 1)/10). Whether found/truths ≥ k/10 is asked in
  // integers, since 3/10 ≥ 0.1 + 0.1 + 0.1 fails in floating point; a quotient of integers never rounds up to the next one.
  const precisionFrom = new Float64Array(11);
  let found = 0;
  let detections = 0;
  for (const hit of hits) {
    detections++;
    if (!hit) continue; // a miss lowers precision at the same recall
    found++;
    if (found > truths) throw new RangeError(`averagePrecision11: expected at most ${truths} hits, one per truth, got more`);
    const level = Math.floor((10 * found) / truths);
    precisionFrom[level] = Math.max(precisionFrom[level], found / detections);
  }

  let sum = 0;
  let interpolated = 0;
  for (let level = 10; level >= 0; level--) {
    interpolated = Math.max(interpolated, precisionFrom[level]); // Eq. (13)
    sum += interpolated;
  }
  return sum / 11; // Eq. (12)
}
