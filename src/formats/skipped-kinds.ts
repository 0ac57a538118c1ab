// What a reader skips, counted by kind, for a note to people.

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

  /** "skipped 2 mask, 1 polyline: only points are read"; empty when nothing was skipped. */
  notes(): string[] {
    const kinds = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${count} ${kind}`);
    return kinds.length === 0 ? [] : [`skipped ${kinds.join(", ")}: only ${this.#read} are read`];
  }
}
