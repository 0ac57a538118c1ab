// What a reader skips because it is no mark on the image (the tag of a whole image, a tile, a comment), counted by kind, for a
// note to people. A mark that cannot be read is never skipped: it belongs in `SourceImage.unread`.

export class SkippedKinds {
  readonly #read: string;
  readonly #counts = new Map<string, number>();

  /** `read`: what the format's reader does take, for the note. */
  constructor(read: string) {
    this.#read = read;
  }

  add(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** "skipped 2 tag, 1 tile: only points are read"; empty when nothing was skipped. */
  notes(): string[] {
    return this.#counts.size === 0 ? [] : [`skipped ${countedKinds(this.#counts)}: only ${this.#read} are read`];
  }
}

/** "2 tag, 1 tile", in alphabetical order of the kinds. */
export function countedKinds(counts: ReadonlyMap<string, number>): string {
  const kinds = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return kinds.map(([kind, count]) => `${count} ${kind}`).join(", ");
}
