// The labelling index, such as that of Ki-67: positive cells among positive and negative ones, where two classes are called so.

export interface LabellingClasses {
  /** Indices of classes. */
  readonly positive: number;
  readonly negative: number;
}

const WORDS = { positive: /\b(?:immuno)?pos(?:itive)?\b|\+$/i, negative: /\b(?:immuno)?neg(?:ative)?\b|[-−]$/i } as const;

/**
 * The two classes whose names differ only in a word: "positive" or "pos" in one, "negative" or "neg" in the other ("+" and "-" at the
 * end, "immunopositive"), in upper or lower case: "Tumor: Positive" and "Tumor: Negative". null where there is no such pair, or
 * more than one.
 */
export function labellingClasses(names: readonly string[]): LabellingClasses | null {
  const rest = (name: string, word: RegExp): string | null =>
    word.test(name) ? name.replace(word, "").trim().toLowerCase() : null;
  const pairs = names.flatMap((name, positive) => {
    const stem = rest(name, WORDS.positive);
    if (stem === null) return [];
    return names.flatMap((other, negative) => (rest(other, WORDS.negative) === stem ? [{ positive, negative }] : []));
  });
  return pairs.length === 1 ? pairs[0] : null;
}
