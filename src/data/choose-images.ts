// Some of the images of a dataset, chosen without chance.

/** At most `count` of the images: the first one of each group in turn, then the second ones, and so on. */
export function oneOfEachGroup<T extends { readonly group: string }>(images: readonly T[], count: number): T[] {
  const groups = new Map<string, T[]>();
  for (const image of images) groups.set(image.group, [...(groups.get(image.group) ?? []), image]);
  const rounds = Math.max(0, ...[...groups.values()].map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => [...groups.values()].flatMap((group) => group[round] ?? []))
    .flat()
    .slice(0, count);
}

/** At most `most` of the items, spread evenly; null for all. */
export function spread<T>(items: readonly T[], most: number | null): readonly T[] {
  if (most === null || items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]);
}
