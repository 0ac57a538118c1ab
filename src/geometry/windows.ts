// Sliding windows: equal rectangles that cover a frame, in pixels.

export interface WindowSize {
  readonly width: number;
  readonly height: number;
  /** The fewest pixels that neighbouring windows share; less than either side. */
  readonly overlap: number;
}

/** A rectangle inside its frame, with its top left corner at (x, y). */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Windows that cover a frame, row by row, all of one size: the last of each row and the last row are moved back inside. Where
 * the frame is smaller than a window, the window shrinks to it.
 */
export function slidingWindows(frame: { width: number; height: number }, { width, height, overlap }: WindowSize): Window[] {
  const size = { width: Math.min(width, frame.width), height: Math.min(height, frame.height) };
  const columns = starts(frame.width, size.width, width - overlap);
  return starts(frame.height, size.height, height - overlap).flatMap((y) => columns.map((x) => ({ x, y, ...size })));
}

function starts(length: number, side: number, step: number): number[] {
  const count = Math.ceil((length - side) / step) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * step, length - side));
}

/** The part of a frame that a window answers for, x1 y1 x2 y2; infinite where it has no neighbour. */
export type Core = readonly [left: number, top: number, right: number, bottom: number];

export interface CoredWindow {
  readonly window: Window;
  readonly core: Core;
}

/** Sliding windows with their cores: neighbours part in the middle of what they share. */
export function slidingCores(frame: { width: number; height: number }, size: WindowSize): CoredWindow[] {
  const windows = slidingWindows(frame, size);
  const [columns, rows] = (["x", "y"] as const).map((axis) => {
    const sorted = [...new Set(windows.map((window) => window[axis]))].sort((a, b) => a - b);
    const side = axis === "x" ? windows[0].width : windows[0].height;
    const seam = (i: number): number => (sorted[i] + side + sorted[i + 1]) / 2;
    return new Map(
      sorted.map((start, i) => [
        start,
        [i === 0 ? -Infinity : seam(i - 1), i === sorted.length - 1 ? Infinity : seam(i)] as const,
      ]),
    );
  });
  return windows.map((window): CoredWindow => {
    const [left, right] = columns.get(window.x) ?? [-Infinity, Infinity];
    const [top, bottom] = rows.get(window.y) ?? [-Infinity, Infinity];
    return { window, core: [left, top, right, bottom] };
  });
}

/**
 * A grid of cores of `core` pixels, each seen with `halo` pixels around it, so far as the frame goes. With both multiples of a
 * network's coarsest stride, a place has the same anchors in whatever window it is seen. A frame that fits into one window has one.
 */
export function coreGrid(
  frame: { width: number; height: number },
  { core, halo }: { core: number; halo: number },
): CoredWindow[] {
  const along = (length: number) => {
    const count = length <= core + 2 * halo ? 1 : Math.ceil((length - halo) / core); // the last core is at least as wide as a halo
    return Array.from({ length: count }, (_, i) => {
      const from = Math.max(0, i * core - halo);
      const to = i === count - 1 ? length : Math.min(length, (i + 1) * core + halo);
      return {
        from,
        length: to - from,
        core: [i === 0 ? -Infinity : i * core, i === count - 1 ? Infinity : (i + 1) * core] as const,
      };
    });
  };
  const columns = along(frame.width);
  return along(frame.height).flatMap((row) =>
    columns.map(
      (column): CoredWindow => ({
        window: { x: column.from, y: row.from, width: column.length, height: row.length },
        core: [column.core[0], row.core[0], column.core[1], row.core[1]],
      }),
    ),
  );
}
