// Going from image to image, in the order of the list.

import type { Id } from "../../../src/api.ts";

/**
 * The next image that is listed (`by` 1), or the previous one (-1): from one that the list does not show, the nearest after or before it.
 * At an end of the list it is the last or the first one; undefined, if none is listed.
 */
export function stepped<Image extends { readonly id: Id }>(
  all: readonly Image[],
  listed: readonly Image[],
  from: Id | null,
  by: 1 | -1,
): Image | undefined {
  const at = all.findIndex(({ id }) => id === from);
  const isListed = new Set(listed.map(({ id }) => id));
  const ahead = by > 0 ? all.slice(at + 1) : all.slice(0, Math.max(0, at)).reverse();
  return ahead.find(({ id }) => isListed.has(id)) ?? listed.at(by > 0 ? -1 : 0);
}
