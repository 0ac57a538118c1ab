// Several processes that compute together: sums of tensors over all of them (PyTorch's process group Gloo), and a store of texts by
// which they find each other. A process can be in one group at a time, and its main thread uses it.

import { native } from "./native.ts";
import type { Tensor } from "./tensor.ts";

/** Where processes find each other: in a new file of one machine, or at the address of the first of them. */
export type StorePlace =
  | { readonly file: string }
  | {
      readonly host: string;
      readonly port: number;
      /** How long to wait for the first process. */
      readonly seconds: number;
    };

export interface GroupOptions {
  /** Of this process: 0 … size − 1. */
  readonly rank: number;
  readonly size: number;
  readonly store: StorePlace;
}

/**
 * Why the linked libtorch cannot compute on several processes and what to install, in one line; null where it can.
 *
 * @example
 * if (distributedMissing() === null) new ProcessGroup({ rank, size: 2, store: { file } });
 */
export function distributedMissing(): string | null {
  return native().distributed.missing || null;
}

/**
 * The processes that compute together. The constructor opens the store; `join` connects all. Everything throws an Error: where the
 * linked libtorch cannot do it, when the first process is not there in time, when another process has ended.
 *
 * @example
 * const group = new ProcessGroup({ rank, size: 2, store: { file: "runs/mine/.store" } }); // in two processes, with rank 0 and 1
 * group.join("127.0.0.1");
 * const x = Tensor.from([1 + rank]);
 * group.sum([x], 20); // 3 in both
 */
export class ProcessGroup {
  readonly rank: number;
  readonly size: number;

  constructor({ rank, size, store }: GroupOptions) {
    if (!(Number.isInteger(size) && size >= 1 && Number.isInteger(rank) && rank >= 0 && rank < size))
      throw new RangeError(`ProcessGroup: expected a rank from 0 to size - 1, got ${rank} of ${size}`);
    this.rank = rank;
    this.size = size;
    const { distributed } = native();
    if ("file" in store) distributed.fileStore(store.file, size);
    else distributed.tcpStore(store.host, store.port, rank === 0, store.seconds);
  }

  /** Gives a text to all. */
  set(key: string, value: string): void {
    native().distributed.storeSet(key, value);
  }

  /** A text that one of them has given; null while none has. */
  get(key: string): string | null {
    return native().distributed.storeGet(key);
  }

  /**
   * Connects with all others, who must do the same now. `host`: this machine's name or address, as the others reach it.
   * `isOneMachine`: whether all are on it; gradients then go through its memory, where its system is Linux, else by its network.
   */
  join(host: string, { isOneMachine = false } = {}): void {
    native().distributed.join(this.rank, this.size, host, isOneMachine);
  }

  /**
   * Replaces each tensor by its sum over all processes, which call it with tensors of the same shapes, in the same order. The same
   * group has the same bits each time. Throws an Error that says "timed out" when one of them is not there within `seconds`; the
   * group is of no use then.
   */
  sum(tensors: readonly Tensor[], seconds: number): void {
    native().distributed.sum(tensors, seconds);
  }

  /** The same for the gradients of tensors; one without a gradient adds zeros. */
  sumGradients(tensors: readonly Tensor[], seconds: number): void {
    native().distributed.sumGradients(tensors, seconds);
  }

  /** Closes it. Not while a sum is under way, nor after one that failed: then only the end of the process does. */
  leave(): void {
    native().distributed.leave();
  }
}
