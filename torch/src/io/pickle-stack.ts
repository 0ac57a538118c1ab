// The working memory of a pickle reader: a stack with marks, and a memo of repeated values.

import { Dict, isKey, kindOf, type PickleValue } from "./pickle-values.ts";

export class PickleStack {
  readonly #values: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #damaged: (what: string) => Error;

  /** `damaged` makes the error for a pickle that, for example, "takes a value from an empty stack". */
  constructor(damaged: (what: string) => Error) {
    this.#damaged = damaged;
  }

  get size(): number {
    return this.#values.length;
  }

  push(value: PickleValue): void {
    this.#values.push(value);
  }

  mark(): undefined {
    this.#marks.push(this.#values.length);
  }

  top(): PickleValue {
    this.#need(1);
    return this.#values[this.#values.length - 1];
  }

  pop(): PickleValue {
    return this.popMany(1)[0];
  }

  /** The topmost values, deepest first, but none below a mark. */
  popMany(howMany: number): PickleValue[] {
    this.#need(howMany);
    return this.#values.splice(-howMany);
  }

  /** The values since the last mark. */
  popMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#damaged("goes back to a mark that it never set");
    return this.#values.splice(mark);
  }

  findLast<T extends PickleValue>(wanted: (value: PickleValue) => value is T): T | undefined {
    return this.#values.findLast(wanted);
  }

  /** Stores the top value under an index; MEMOIZE uses the next free one. */
  remember(index = this.#memo.size): undefined {
    this.#memo.set(index, this.top());
  }

  recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#damaged(`recalls entry ${index} of its memo, which it never set`);
    return value;
  }

  /** Appends to the list on top. */
  append(items: readonly PickleValue[]): undefined {
    const list = this.top();
    if (!Array.isArray(list)) throw this.#damaged(`appends to a ${kindOf(list)}`);
    for (const item of items) list.push(item);
  }

  /** Sets items of the dict on top: key, value, key, value, … */
  setItems(items: readonly PickleValue[]): undefined {
    const dict = this.top();
    if (!(dict instanceof Dict)) throw this.#damaged(`sets an item of a ${kindOf(dict)}`);
    if (items.length % 2 === 1) throw this.#damaged("sets a key without a value");
    for (let i = 0; i < items.length; i += 2) {
      if (!isKey(items[i])) throw this.#damaged(`uses a ${kindOf(items[i])} as a key`);
      dict.set(items[i], items[i + 1]);
    }
  }

  #need(howMany: number): void {
    const floor = this.#marks.at(-1) ?? 0;
    if (this.#values.length - howMany < floor) throw this.#damaged("takes a value from an empty stack");
  }
}
