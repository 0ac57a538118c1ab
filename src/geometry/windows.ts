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
