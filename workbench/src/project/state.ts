// What the marks of a dataset and the actions add up to. Every thing (a cell, a region, a class, the state of an image, an answer)
// is the fold of the actions that name it and are not taken back, so that undoing any action costs what it touches and not the
// whole history. Server and page share this file: it does no I/O and knows no framework.

import type { Action, ActionRecord, AnswerEffect, Cell, CellClass, Id, ImageState, Region } from "../api.ts";
import { cellAfter, classAfter, isPlain, type Kind, namedBy, type PlainAction, regionAfter } from "./effects.ts";
import { Things } from "./things.ts";

/** What actions start from. */
export interface StartingPoint {
  readonly images: readonly { readonly id: Id; readonly state: ImageState; readonly mpp: number | null }[];
  readonly classes: readonly CellClass[];
}

export interface GivenAnswer {
  readonly round: number;
  readonly answer: "accept" | "refuse" | "unsure";
  readonly effect: AnswerEffect;
  /** The number of the action. */
  readonly action: number;
  readonly isOnSheet: boolean;
}

/** Of one client: what it can take back and do again, the last one at the end. */
interface Turns {
  readonly done: number[];
  readonly undone: number[];
}

/**
 * The marks, and what can be undone. `apply` takes the records in their order; the marks of a dataset may come at any time
 * (`addMarks`), and the result is the same.
 */
export class ProjectState {
  readonly #cells = new Things<Cell>(cellAfter);
  readonly #regions = new Things<Region>(regionAfter);
  readonly #classes = new Things<CellClass>(classAfter);
  readonly #states = new Things<ImageState>((_, { action }) => (action.do === "set-state" ? action.state : undefined));
  readonly #mpp = new Things<{ readonly mpp: number | null }>((_, { action }) =>
    action.do === "set-mpp" ? { mpp: action.mpp } : undefined,
  );
  readonly #answers = new Things<GivenAnswer>((_, { number, action }) =>
    action.do === "answer"
      ? { round: action.round, answer: action.answer, effect: action.effect, action: number, isOnSheet: action.sheet === true }
      : undefined,
  );
  readonly #byNumber = new Map<number, { readonly action: PlainAction; readonly client: string }>();
  readonly #undone = new Set<number>();
  readonly #turns = new Map<string, Turns>();
  readonly #cellsByImage = new Map<Id, Map<Id, Cell>>();
  readonly #regionsByImage = new Map<Id, Map<Id, Region>>();
  #last = 0;

  constructor({ images, classes }: StartingPoint) {
    for (const { id, state, mpp } of images) {
      this.#states.start(id, state, this.#isDone);
      this.#mpp.start(id, { mpp }, this.#isDone);
    }
    for (const each of classes) this.#classes.start(each.id, each, this.#isDone);
  }

  /** The marks of a dataset. */
  addMarks({ cells, regions }: { readonly cells: readonly Cell[]; readonly regions: readonly Region[] }): void {
    for (const cell of cells) this.#refold("cell", cell.id, () => this.#cells.start(cell.id, cell, this.#isDone));
    for (const region of regions) this.#refold("region", region.id, () => this.#regions.start(region.id, region, this.#isDone));
  }

  /** The next record. Its action must be valid (validate.ts); a record that was already applied changes nothing. */
  apply({ number, client, action }: ActionRecord): void {
    if (number <= this.#last) return;
    this.#last = number;
    if (isPlain(action)) this.#do(number, client, action);
    else this.#turnBack(action);
  }

  /** The number of the last record. */
  get lastAction(): number {
    return this.#last;
  }
  get classes(): readonly CellClass[] {
    return [...this.#classes.now.values()];
  }
  get answers(): ReadonlyMap<Id, GivenAnswer> {
    return this.#answers.now;
  }
  get cells(): ReadonlyMap<Id, Cell> {
    return this.#cells.now;
  }
  get regions(): ReadonlyMap<Id, Region> {
    return this.#regions.now;
  }
  cellsOf(image: Id): Iterable<Cell> {
    return this.#cellsByImage.get(image)?.values() ?? [];
  }
  regionsOf(image: Id): Iterable<Region> {
    return this.#regionsByImage.get(image)?.values() ?? [];
  }
  countOf(image: Id): number {
    return this.#cellsByImage.get(image)?.size ?? 0;
  }
  hasImage(image: Id): boolean {
    return this.#states.has(image);
  }
  /** An untouched image with a cell is being marked. */
  stateOf(image: Id): ImageState {
    const state = this.#states.now.get(image) ?? "untouched";
    return state === "untouched" && this.countOf(image) > 0 ? "marking" : state;
  }
  /** Microns per pixel; null if unknown. */
  mppOf(image: Id): number | null {
    return this.#mpp.now.get(image)?.mpp ?? null;
  }
  classOf(id: Id): CellClass | undefined {
    return this.#classes.now.get(id);
  }
  /** Whether the id was ever a cell's, a region's or a class's: ids are not used again. */
  knows(kind: "cell" | "region" | "class", id: Id): boolean {
    return this.#things(kind).has(id);
  }

  /** The action that this client's undo or redo names next; null when there is none. */
  nextUndo(client: string): number | null {
    return this.#turns.get(client)?.done.at(-1) ?? null;
  }
  nextRedo(client: string): number | null {
    return this.#turns.get(client)?.undone.at(-1) ?? null;
  }
  /** An action by its number, without undo and redo, and whether it is taken back. */
  action(number: number): { readonly action: PlainAction; readonly client: string; readonly undone: boolean } | undefined {
    const found = this.#byNumber.get(number);
    return found && { ...found, undone: this.#undone.has(number) };
  }

  /** The cells that an action changes, as they would be were it undone, or done again. */
  cellsAfterTurn(turn: Extract<Action, { readonly do: "undo" | "redo" }>): Cell[] {
    const found = this.#byNumber.get(turn.action);
    if (found === undefined) return [];
    const isDone = (number: number): boolean => (number === turn.action ? turn.do === "redo" : this.#isDone(number));
    return namedBy(found.action).flatMap(([kind, id]) => (kind === "cell" ? (this.#cells.folded(id, isDone) ?? []) : []));
  }

  readonly #isDone = (number: number): boolean => !this.#undone.has(number);

  #do(number: number, client: string, action: PlainAction): void {
    this.#byNumber.set(number, { action, client });
    const { done, undone } = this.#turnsOf(client);
    done.push(number);
    undone.length = 0;
    for (const [kind, id] of namedBy(action)) this.#refold(kind, id, () => this.#things(kind).add(id, { number, action }));
  }

  #turnBack(turn: Extract<Action, { readonly do: "undo" | "redo" }>): void {
    const found = this.#byNumber.get(turn.action);
    if (found === undefined) return;
    const { done, undone } = this.#turnsOf(found.client);
    const [from, to] = turn.do === "undo" ? [done, undone] : [undone, done];
    const at = from.lastIndexOf(turn.action);
    if (at !== -1) from.splice(at, 1);
    if (turn.do === "undo") this.#undone.add(turn.action);
    else this.#undone.delete(turn.action);
    to.push(turn.action);
    for (const [kind, id] of namedBy(found.action)) this.#refold(kind, id);
  }

  #turnsOf(client: string): Turns {
    let turns = this.#turns.get(client);
    if (turns === undefined) this.#turns.set(client, (turns = { done: [], undone: [] }));
    return turns;
  }

  #things(kind: Kind): Pick<Things<unknown>, "add" | "fold" | "has"> {
    return {
      cell: this.#cells,
      region: this.#regions,
      class: this.#classes,
      state: this.#states,
      mpp: this.#mpp,
      answer: this.#answers,
    }[kind];
  }

  /** Folds a thing, after `change`, and keeps the lists of its image. */
  #refold(kind: Kind, id: Id, change: () => void = () => {}): void {
    const before = this.#placed(kind, id);
    change();
    this.#things(kind).fold(id, this.#isDone);
    const after = this.#placed(kind, id);
    if (kind !== "cell" && kind !== "region") return;
    const byImage: Map<Id, Map<Id, unknown>> = kind === "cell" ? this.#cellsByImage : this.#regionsByImage;
    if (before) byImage.get(before.image)?.delete(id);
    if (!after) return;
    const ofImage = byImage.get(after.image);
    if (ofImage) ofImage.set(id, after);
    else byImage.set(after.image, new Map([[id, after]]));
  }

  #placed(kind: Kind, id: Id): Cell | Region | undefined {
    return kind === "cell" ? this.#cells.now.get(id) : kind === "region" ? this.#regions.now.get(id) : undefined;
  }
}
