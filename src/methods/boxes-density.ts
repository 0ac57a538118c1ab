// Boxes Density and Boxes Energy (Li et al. 2021, section 3, Eqs 5–8) of the N box centres of an image.
// Exact in O(N log N): Manhattan distance is a sum over the two axes, and along one axis sorting is enough.

/** N box centres in pixels: interleaved [x0, y0, x1, y1, …] or a list of [x, y]. */
export type Centers = Float64Array | ArrayLike<ArrayLike<number>>;

/** The centres of boxes [N, 4], between which Eq. (6) measures distances. */
export function boxCenters(boxes: Float32Array): Float64Array {
  return Float64Array.from({ length: boxes.length / 2 }, (_, i) => {
    const corner = 4 * (i >> 1) + (i & 1);
    return (boxes[corner] + boxes[corner + 2]) / 2;
  });
}

/**
 * Eq. (5) of Li et al. 2021: each box's mean Manhattan distance to all N boxes of its image, including itself. It is small where
 * boxes are crowded: among groups at equal distances d it is d·(1 − m/N) for a box in a group of m (Eq. 7).
 *
 * Returns [N], in pixels, ≥ 0; empty without centres. Throws a RangeError when a centre is not two finite numbers.
 *
 * @example
 * boxesDensity([[0, 0], [10, 0]]); // Float64Array [5, 5]
 */
export function boxesDensity(centers: Centers): Float64Array {
  const { x, y } = axes("boxesDensity", centers);
  return density(x, y);
}

/**
 * Eq. (8) of Li et al. 2021: Boxes Density divided by the largest distance between two boxes of the image.
 *
 * Returns [N], in [0, 1). For one box, or boxes all at one place, Eq. (8) is 0/0; the energy is then 0, the value of Eq. (7) ÷ d
 * for a single group (m = N) and any d. Throws a RangeError when a centre is not two finite numbers.
 *
 * @example
 * boxesEnergy([[0, 0], [10, 0]]); // Float64Array [0.5, 0.5]
 */
export function boxesEnergy(centers: Centers): Float64Array {
  const { x, y } = axes("boxesEnergy", centers);
  const largest = largestDistance(x, y);
  return density(x, y).map((value) => (largest === 0 ? 0 : value / largest));
}

// Eq. (5) with the distance of Eq. (6), summed separately along each axis: ΣD = Σ|xi − xj| + Σ|yi − yj|.
function density(x: Float64Array, y: Float64Array): Float64Array {
  const alongX = sumsOfDistances(x);
  const alongY = sumsOfDistances(y);
  return alongX.map((sum, i) => (sum + alongY[i]) / x.length);
}

// Σj |vi − vj| for every vi. In sorted order, a step over a gap moves away from all values on one side of it. Only gaps are added,
// all ≥ 0, so nothing cancels: the result is as precise for values near 1e6 as near 0.
function sumsOfDistances(v: Float64Array): Float64Array {
  const n = v.length;
  const sorted = v.toSorted();
  const sums = new Float64Array(n);
  let toLower = 0;
  for (let i = 1; i < n; i++) {
    toLower += i * (sorted[i] - sorted[i - 1]);
    sums[i] = toLower;
  }
  let toHigher = 0;
  for (let i = n - 1; i > 0; i--) {
    toHigher += (n - i) * (sorted[i] - sorted[i - 1]);
    sums[i - 1] += toHigher;
  }
  return v.map((value) => sums[firstIndexOf(value, sorted)]);
}

// max(D) of Eq. (8): |dx| + |dy| = max(|dx + dy|, |dx − dy|), so it is the larger of the ranges of x + y and of x − y.
function largestDistance(x: Float64Array, y: Float64Array): number {
  let [lowSum, highSum, lowDifference, highDifference] = [0, 0, 0, 0];
  for (let i = 1; i < x.length; i++) {
    const dx = x[i] - x[0]; // relative to the first box, so that a large offset costs no digits
    const dy = y[i] - y[0];
    lowSum = Math.min(lowSum, dx + dy);
    highSum = Math.max(highSum, dx + dy);
    lowDifference = Math.min(lowDifference, dx - dy);
    highDifference = Math.max(highDifference, dx - dy);
  }
  return Math.max(highSum - lowSum, highDifference - lowDifference);
}

// The coordinates of the centres, one array per axis.
function axes(caller: string, centers: Centers): { x: Float64Array; y: Float64Array } {
  const flat = centers instanceof Float64Array ? centers : interleaved(caller, centers);
  if (flat.length % 2 !== 0) throw new RangeError(`${caller}: expected x and y of every center, got ${flat.length} numbers`);
  const bad = flat.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) throw new RangeError(`${caller}: expected finite centers, got ${flat[bad]} at ${bad}`);
  const x = new Float64Array(flat.length / 2);
  return { x: x.map((_, i) => flat[2 * i]), y: x.map((_, i) => flat[2 * i + 1]) };
}

function interleaved(caller: string, centers: ArrayLike<ArrayLike<number>>): Float64Array {
  const flat = new Float64Array(2 * centers.length);
  for (let i = 0; i < centers.length; i++) {
    const center = centers[i];
    if (center.length !== 2) throw new RangeError(`${caller}: expected [x, y] as center ${i}, got ${center.length} numbers`);
    flat.set(center, 2 * i);
  }
  return flat;
}

function firstIndexOf(value: number, sorted: Float64Array): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
