/**
 * Reads items in order, the next ones while the caller works on the current. An error is thrown when its item's turn comes; what
 * was begun is finished before the end.
 */
export async function* readAhead<T, R>(
  items: Iterable<T>,
  read: (item: T) => Promise<R>,
  { ahead = 1 }: { readonly ahead?: number } = {},
): AsyncGenerator<readonly [T, R]> {
  const begun: { readonly item: T; readonly result: Promise<R> }[] = [];
  const shift = async () => {
    const { item, result } = begun.shift() as (typeof begun)[number];
    return [item, await result] as const;
  };
  try {
    for (const item of items) {
      const result = read(item);
      result.catch(() => {}); // reported when its turn comes
      begun.push({ item, result });
      if (begun.length > ahead) yield await shift();
    }
    while (begun.length > 0) yield await shift();
  } finally {
    await Promise.allSettled(begun.map(({ result }) => result));
  }
}
