// How far a box is from the nearest of others, in sides of that one, so that it does not depend on the scale of an image.

/**
 * From the middle of a box [x1, y1, x2, y2] to that of the nearest one of `others` [K, 4], the one in row `but` left out; in sides of
 * that one, of which the square has its area. Infinity where there is none.
 *
 * @example
 * distanceToBoxes([0, 0, 10, 10], Float32Array.of(30, 0, 50, 20)); // 1.8: 35 across and 5 down, in sides of 20
 */
export function distanceToBoxes([x1, y1, x2, y2]: ArrayLike<number> & Iterable<number>, others: Float32Array, but = -1): number {
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  let least = Infinity;
  for (let k = 0; k < others.length; k += 4) {
    const [width, height] = [others[k + 2] - others[k], others[k + 3] - others[k + 1]];
    const [dx, dy] = [others[k] + width / 2 - x, others[k + 1] + height / 2 - y];
    const square = (dx * dx + dy * dy) / (width * height);
    if (square < least && k !== 4 * but) least = square;
  }
  return Math.sqrt(least);
}
