// Undo and redo without end, of what this page did itself. What belongs together (a deletion of ten cells) is one step.

import type { Entry, Ledger } from "./ledger.ts";

type Step = readonly Entry[];

export class History {
  private readonly ledger: Ledger;
  private readonly done: Step[] = [];
  private readonly undone: Step[] = [];

  constructor(ledger: Ledger) {
    this.ledger = ledger;
    // After the page was reloaded: its actions of before, one a step.
    const taken = new Set<Entry>();
    for (const { action, target } of ledger.entries)
      if (target && action.do === "undo") taken.add(target);
      else if (target) taken.delete(target);
    for (const entry of ledger.entries)
      if (entry.client === ledger.client && !entry.target && !taken.has(entry)) this.done.push([entry]);
  }

  get canUndo() {
    return this.done.length > 0;
  }

  get canRedo() {
    return this.undone.length > 0;
  }

  /** A new step; what was undone before cannot be done again. */
  push(step: Step): void {
    if (step.length === 0) return;
    this.done.push(step);
    this.undone.length = 0;
  }

  /** The step that was taken back. */
  undo(): Step | null {
    const step = this.done.pop();
    if (!step) return null;
    for (const entry of [...step].reverse()) this.ledger.act({ do: "undo", action: entry.number }, entry);
    this.undone.push(step);
    return step;
  }

  redo(): Step | null {
    const step = this.undone.pop();
    if (!step) return null;
    for (const entry of step) this.ledger.act({ do: "redo", action: entry.number }, entry);
    this.done.push(step);
    return step;
  }
}
