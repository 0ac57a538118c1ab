// Which parts of a slide become training images: the blocks of a lattice that marks touch, joined into rectangles. These cores are
// disjoint, so that every cell is in exactly one of them.

import type { Sides } from "../data/working-resolution.ts";
import type { Box } from "../geometry/box.ts";
import { type Region, ringBounds } from "../geometry/region.ts";
import { polygonArea } from "../geometry/search-area.ts";

/** Blocks along a side of a core. */
const MOST = 4;

/** All in the same pixels, from the slide's top left corner. */
export interface Marked {
  readonly boxes: readonly Box[];
  readonly regions: readonly Region[];
}

/**
 * The cores of a slide: whatever lies less than `reach` from a box or a complete region is in one. The last block of each row and
 * column also has what is left of the slide. A region to ignore has nothing to learn, and makes no core.
 */
export class SlideCores {
  /** Row by row. */
  readonly cores: readonly Box[];
  readonly #columns: number;
  readonly #rows: number;
  readonly #block: number;
  /** For each block, row by row, the core that it is in; -1: none. */
  readonly #owner: Int32Array;

  constructor(slide: Sides, { boxes, regions }: Marked, { block, reach }: { block: number; reach: number }) {
    this.#block = block;
    this.#columns = Math.max(1, Math.floor(slide.width / block));
    this.#rows = Math.max(1, Math.floor(slide.height / block));
    const occupied = new Uint8Array(this.#columns * this.#rows);
    for (const [x1, y1, x2, y2] of boxes)
      for (const i of this.#blocks([x1 - reach, y1 - reach, x2 + reach, y2 + reach])) occupied[i] = 1;
    for (const { rings } of regions.filter(({ kind }) => kind === "complete")) {
      const area = polygonArea([rings]);
      const [x1, y1, x2, y2] = ringBounds(rings);
      for (const i of this.#blocks([x1 - reach, y1 - reach, x2 + reach, y2 + reach])) {
        const [left, top, right, bottom] = this.#rectangle(i % this.#columns, Math.floor(i / this.#columns), 1, 1, slide);
        if (!occupied[i] && area.touches(left - reach, top - reach, right + reach, bottom + reach)) occupied[i] = 1;
      }
    }
    this.#owner = new Int32Array(occupied.length).fill(-1);
    this.cores = this.#joined(occupied, slide);
  }

  /** The number of the core that holds a place; undefined when none does. */
  at(x: number, y: number): number | undefined {
    const owner = this.#owner[this.#index(this.#number(x, this.#columns), this.#number(y, this.#rows))];
    return owner < 0 ? undefined : owner;
  }

  /** The numbers of the cores that a rectangle meets. */
  in(box: Box): number[] {
    const owners = new Set<number>();
    for (const i of this.#blocks(box)) if (this.#owner[i] >= 0) owners.add(this.#owner[i]);
    return [...owners];
  }

  /** Rectangles of at most MOST × MOST free blocks: first as wide as they can be, then as high. */
  #joined(occupied: Uint8Array, slide: Sides): Box[] {
    const cores: Box[] = [];
    const isFree = (column: number, row: number): boolean => {
      const i = this.#index(column, row);
      return column < this.#columns && row < this.#rows && occupied[i] === 1 && this.#owner[i] < 0;
    };
    for (let row = 0; row < this.#rows; row++)
      for (let column = 0; column < this.#columns; column++) {
        if (!isFree(column, row)) continue;
        let [across, down] = [1, 1];
        while (across < MOST && isFree(column + across, row)) across++;
        const isFreeRow = (y: number) => Array.from({ length: across }, (_, x) => x).every((x) => isFree(column + x, y));
        while (down < MOST && isFreeRow(row + down)) down++;
        for (let y = row; y < row + down; y++)
          this.#owner.fill(cores.length, this.#index(column, y), this.#index(column, y) + across);
        cores.push(this.#rectangle(column, row, across, down, slide));
      }
    return cores;
  }

  #rectangle(column: number, row: number, across: number, down: number, { width, height }: Sides): Box {
    const [right, bottom] = [column + across, row + down];
    return [
      column * this.#block,
      row * this.#block,
      right === this.#columns ? width : right * this.#block,
      bottom === this.#rows ? height : bottom * this.#block,
    ];
  }

  /** The blocks that a rectangle meets. */
  *#blocks([x1, y1, x2, y2]: Box): Generator<number> {
    const [left, right] = [x1, x2].map((x) => this.#number(x, this.#columns));
    const [top, bottom] = [y1, y2].map((y) => this.#number(y, this.#rows));
    for (let row = top; row <= bottom; row++) for (let column = left; column <= right; column++) yield this.#index(column, row);
  }

  #number(place: number, count: number): number {
    return Math.min(count - 1, Math.max(0, Math.floor(place / this.#block)));
  }

  #index(column: number, row: number): number {
    return row * this.#columns + column;
  }
}
