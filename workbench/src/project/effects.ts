// What an action does to the things that it names: one function of each kind, from what a thing was to what it is. Like state.ts, for
// server and page.

import type { Action, AnswerEffect, Cell, CellClass, Id, Region } from "../api.ts";

export type PlainAction = Exclude<Action, { readonly do: "undo" | "redo" }>;

export const isPlain = (action: Action): action is PlainAction => action.do !== "undo" && action.do !== "redo";

export type Kind = "cell" | "region" | "class" | "state" | "mpp" | "answer";

/** The things that an action changes. */
export function namedBy(action: PlainAction): readonly (readonly [Kind, Id])[] {
  switch (action.do) {
    case "add-cell":
      return [["cell", action.cell.id]];
    case "change-cell":
    case "delete-cell":
      return [["cell", action.id]];
    case "add-region":
      return [["region", action.region.id]];
    case "change-region":
    case "delete-region":
      return [["region", action.id]];
    case "set-state":
      return [["state", action.image]];
    case "set-mpp":
      return [["mpp", action.image]];
    case "add-class":
      return [["class", action.class.id]];
    case "change-class":
      return [["class", action.id]];
    case "answer":
      return [["answer", action.suspect], ...namedByEffect(action.effect)];
  }
}

function namedByEffect(effect: AnswerEffect): readonly (readonly [Kind, Id])[] {
  if ("add" in effect) return [["cell", effect.add.id]];
  if ("ignore" in effect) return [["region", effect.ignore.id]];
  return "delete" in effect ? [["cell", effect.delete]] : [];
}

export function cellAfter(cell: Cell | undefined, { action }: { readonly action: PlainAction }): Cell | undefined {
  switch (action.do) {
    case "add-cell":
      return action.cell;
    case "change-cell":
      return cell && changed(cell, action.to);
    case "delete-cell":
      return undefined;
    case "answer":
      return "add" in action.effect ? action.effect.add : "delete" in action.effect ? undefined : cell;
    default:
      return cell;
  }
}

/** A box that was drawn or moved by its sides is no longer a click's. */
function changed(cell: Cell, to: Extract<Action, { do: "change-cell" }>["to"]): Cell {
  const next = { ...cell, ...to };
  if (cell.point && to.box && !sameSides(cell.box, to.box)) delete (next as { point?: true }).point;
  return next;
}

const sameSides = (a: Cell["box"], b: Cell["box"]): boolean =>
  Math.abs(a[2] - a[0] - (b[2] - b[0])) < 1e-3 && Math.abs(a[3] - a[1] - (b[3] - b[1])) < 1e-3;

export function regionAfter(region: Region | undefined, { action }: { readonly action: PlainAction }): Region | undefined {
  switch (action.do) {
    case "add-region":
      return action.region;
    case "change-region":
      return region && { ...region, ...action.to };
    case "delete-region":
      return undefined;
    case "answer":
      return "ignore" in action.effect ? action.effect.ignore : region;
    default:
      return region;
  }
}

export function classAfter(before: CellClass | undefined, { action }: { readonly action: PlainAction }): CellClass | undefined {
  if (action.do === "add-class") return action.class;
  return action.do === "change-class" && before ? { ...before, ...action.to } : before;
}
