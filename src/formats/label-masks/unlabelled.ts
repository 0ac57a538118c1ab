// The pixels of a label mask that no one has labelled (-1) as the rings of a region to ignore.

/** Rectangles that do not overlap and cover just the pixels that are 1. Equal runs below each other are one rectangle. */
export function ringsOf(pixels: Uint8Array, { width, height }: { readonly width: number; readonly height: number }): number[][] {
  const rings: number[][] = [];
  let open = new Map<string, number>(); // runs of the row above: where their rectangle begins
  for (let y = 0; y <= height; y++) {
    const runs = new Map<string, number>();
    for (let x = 0; y < height && x < width; ) {
      const start = x;
      while (x < width && pixels[y * width + x] === 1) x++;
      if (x > start) {
        const key = `${start},${x}`;
        runs.set(key, open.get(key) ?? y);
      } else x++;
    }
    for (const [key, top] of open) {
      if (runs.get(key) === top) continue;
      const [x1, x2] = key.split(",").map(Number);
      rings.push([x1, top, x2, top, x2, y, x1, y]);
    }
    open = runs;
  }
  return rings;
}
