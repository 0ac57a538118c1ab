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
    for (const entry of ledger.entries) {
      const { action, client, target } = entry;
      const isMine = client === ledger.client;
      if (target && action.do === "undo") this.shift(target, this.done, isMine ? this.undone : []);
      else if (target) this.shift(target, this.undone, this.done);
      else if (isMine) this.push([entry]);
    }
  }

  private shift(target: Entry, from: Step[], to: Step[]): void {
    const at = from.findLastIndex(([entry]) => entry === target);
    if (at >= 0) to.push(...from.splice(at, 1));
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
