// What a reader passes over, counted by kind, for a note to people.

export class SkippedKinds {
  readonly #counts = new Map<string, number>();

  add(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** "skipped 2 mask, 1 polyline: WHY", or nothing when nothing was skipped. */
  notes(why: string): string[] {
    const kinds = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${count} ${kind}`);
    return kinds.length === 0 ? [] : [`skipped ${kinds.join(", ")}: ${why}`];
  }
}
