// The density of cells on a slide as a picture to lay over it: clear where there are none, from yellow to dark red where there are.

import type { CellGrid } from "../../slides/cell-grid.ts";

export interface DensityMap {
  readonly width: number;
  readonly height: number;
  /** [height × width × 4]: red, green, blue, opacity. */
  readonly rgba: Uint8Array;
  /** What the last colour stands for, in cells in a square of the grid. */
  readonly most: number;
}

export const STOPS = [
  [250, 232, 90],
  [240, 160, 20],
  [213, 94, 0],
  [120, 20, 30],
] as const;

const [LEAST_OPACITY, OPACITY] = [130, 225];
/** The last colour is that of the densest hundredth of the squares with cells, so that one square cannot pale all others. */
const TOP = 0.99;

/** Of some classes together; each square is the mean of itself and its neighbours. */
export function densityMap(grid: CellGrid, classes: readonly number[]): DensityMap {
  const { columns: width, rows: height } = grid;
  const means = smoothed(grid.of(classes), width, height);
  const some = means.filter((value) => value > 0).sort();
  const most = some.length === 0 ? 0 : some[Math.min(some.length - 1, Math.floor(TOP * some.length))];
  const rgba = new Uint8Array(4 * width * height);
  for (const [i, mean] of means.entries()) {
    if (mean === 0) continue;
    const share = Math.min(1, mean / most);
    rgba.set([...colourAt(share), LEAST_OPACITY + (OPACITY - LEAST_OPACITY) * share], 4 * i);
  }
  return { width, height, rgba, most };
}

/** The colour of a share of the greatest density, 0 to 1. */
function colourAt(share: number): number[] {
  const at = share * (STOPS.length - 1);
  const from = Math.min(STOPS.length - 2, Math.floor(at));
  return STOPS[from].map((value, c) => Math.round(value + (at - from) * (STOPS[from + 1][c] - value)));
}

function smoothed(counts: Uint32Array, width: number, height: number): Float64Array {
  return Float64Array.from(counts, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    let [sum, squares] = [0, 0];
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++, squares++) sum += counts[v * width + u];
    return sum / squares;
  });
}
