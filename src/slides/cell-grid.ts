// Cells counted in the squares of a grid over a slide: what a density map and a hot spot need of them.

import type { Window } from "../geometry/windows.ts";

export class CellGrid {
  readonly columns: number;
  readonly rows: number;
  /** Sides of a square, in pixels of level 0. */
  readonly side: { readonly x: number; readonly y: number };
  /** Of each class, row by row. */
  readonly counts: readonly Uint32Array[];

  constructor(slide: { width: number; height: number }, side: { x: number; y: number }, classes: number) {
    this.side = side;
    this.columns = Math.max(1, Math.ceil(slide.width / side.x));
    this.rows = Math.max(1, Math.ceil(slide.height / side.y));
    this.counts = Array.from({ length: classes }, () => new Uint32Array(this.columns * this.rows));
  }

  /** A cell whose centre is a little outside of the slide counts in the nearest square. */
  add(x: number, y: number, classIndex: number): void {
    const column = Math.min(this.columns - 1, Math.max(0, Math.floor(x / this.side.x)));
    const row = Math.min(this.rows - 1, Math.max(0, Math.floor(y / this.side.y)));
    this.counts[classIndex][row * this.columns + column]++;
  }

  /** The cells of some classes together in each square. */
  of(classes: readonly number[]): Uint32Array {
    const sum = new Uint32Array(this.columns * this.rows);
    for (const index of classes) for (const [i, count] of this.counts[index].entries()) sum[i] += count;
    return sum;
  }

  /**
   * The block of `across` × `down` squares (as many as there are, if fewer) with the most cells of some classes; of equal ones that
   * whose middle is nearest to the mean of its cells, then the first, row by row. null where there are none.
   */
  densest(classes: readonly number[], across: number, down: number): { column: number; row: number; cells: number } | null {
    const { columns, rows } = this;
    const counts = this.of(classes);
    const [wide, high] = [Math.min(across, columns), Math.min(down, rows)];
    const inBlocks = blockSums(counts, columns, wide, high);
    const alongX = blockSums(
      Float64Array.from(counts, (count, i) => count * (i % columns)),
      columns,
      wide,
      high,
    );
    const alongY = blockSums(
      Float64Array.from(counts, (count, i) => count * Math.floor(i / columns)),
      columns,
      wide,
      high,
    );
    let best: { column: number; row: number; cells: number; off: number } | null = null;
    for (let row = 0, i = 0; row + high <= rows; row++)
      for (let column = 0; column + wide <= columns; column++, i++) {
        const cells = inBlocks[i];
        if (cells === 0 || cells < (best?.cells ?? 0)) continue;
        const off = (alongX[i] / cells - column - (wide - 1) / 2) ** 2 + (alongY[i] / cells - row - (high - 1) / 2) ** 2;
        if (best === null || cells > best.cells || off < best.off) best = { column, row, cells, off };
      }
    return best && { column: best.column, row: best.row, cells: best.cells };
  }

  /** The cells of each class in a block of squares. */
  within({ x, y, width, height }: Window): number[] {
    return this.counts.map((counts) => {
      let sum = 0;
      for (let row = y; row < Math.min(this.rows, y + height); row++)
        for (let column = x; column < Math.min(this.columns, x + width); column++) sum += counts[row * this.columns + column];
      return sum;
    });
  }
}

/** The sum over each block of `wide` × `high` values, by its first column, row by row: from the sums above and left of each corner. */
function blockSums(values: ArrayLike<number>, columns: number, wide: number, high: number): Float64Array {
  const rows = values.length / columns;
  const sums = new Float64Array((columns + 1) * (rows + 1));
  const at = (column: number, row: number): number => row * (columns + 1) + column;
  for (let row = 0, i = 0; row < rows; row++)
    for (let column = 0, line = 0; column < columns; column++, i++) {
      line += values[i];
      sums[at(column + 1, row + 1)] = sums[at(column + 1, row)] + line;
    }
  const across = columns - wide + 1;
  return Float64Array.from({ length: across * (rows - high + 1) }, (_, i) => {
    const [left, top] = [i % across, Math.floor(i / across)];
    const [right, bottom] = [left + wide, top + high];
    return sums[at(right, bottom)] - sums[at(right, top)] - sums[at(left, bottom)] + sums[at(left, top)];
  });
}
