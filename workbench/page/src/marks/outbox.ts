// Sends what the page did to the server, in order, and never drops it: a failed save is retried until it succeeds, and says so.

import type { Action, ActionRecord } from "../../../src/api.ts";
import { asSent, type Entry, type Ledger } from "./ledger.ts";

export interface Server {
  /** Appends actions. */
  send(actions: readonly Action[]): Promise<readonly ActionRecord[]>;
  /** Actions with higher numbers. */
  after(number: number): Promise<readonly ActionRecord[]>;
  /** A pause before the next try. */
  wait(milliseconds: number): Promise<void>;
}

/** The server understood the request and says no: sending it again is no use. */
export class Refused extends Error {}

export interface Outcome {
  saving(left: number): void;
  /** A save failed; it will be tried again. */
  failing(message: string): void;
  /** An action was refused for good and has been taken off the screen. */
  refused(entry: Entry, message: string): void;
  changed(): void;
}

const longestBatch = 200;
const longestPause = 8000;

export class Outbox {
  private running: Promise<void> | null = null;
  private readonly ledger: Ledger;
  private readonly server: Server;
  private readonly outcome: Outcome;

  constructor(ledger: Ledger, server: Server, outcome: Outcome) {
    this.ledger = ledger;
    this.server = server;
    this.outcome = outcome;
  }

  /** Call it after every action; it returns when everything is saved. */
  flush(): Promise<void> {
    this.outcome.saving(this.ledger.pending.length);
    this.running ??= this.run().finally(() => {
      this.running = null;
      if (this.ledger.pending.length > 0) void this.flush();
    });
    return this.running;
  }

  private async run(): Promise<void> {
    let failures = 0;
    let unsure = false;
    let single = false;
    while (this.ledger.pending.length > 0) {
      const batch = sendable(this.ledger.pending, single ? 1 : longestBatch);
      try {
        // After a failure nobody knows whether the actions arrived: ask before sending them again.
        if (unsure) {
          this.take(await this.server.after(this.ledger.entries.length));
          unsure = false;
          continue;
        }
        this.take(await this.server.send(batch.map((entry) => asSent(entry))));
        failures = 0;
        single = false;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (error instanceof Refused && batch.length > 1) single = true;
        else if (error instanceof Refused) {
          this.ledger.withdraw(batch[0]);
          this.outcome.refused(batch[0], message);
        } else {
          failures++;
          unsure = true;
          this.outcome.failing(message);
          await this.server.wait(Math.min(longestPause, 500 * 2 ** failures));
        }
      }
      this.outcome.saving(this.ledger.pending.length);
    }
  }

  private take(records: readonly ActionRecord[]): void {
    for (const record of records) this.ledger.receive(record);
    this.outcome.changed();
  }
}

/** The first ones that can be sent together: an undo waits until what it takes back has its number for good. */
function sendable(pending: readonly Entry[], most: number): readonly Entry[] {
  const end = pending.findIndex(({ target }) => target && !target.saved);
  return pending.slice(0, Math.min(most, end < 0 ? pending.length : end));
}
