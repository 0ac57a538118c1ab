// What somebody does to the marks, in the image that is open. Each is on the screen at once, saved, and one step of undo.

import type { Action, Box, Cell, CellClass, Id, ImageState, Region } from "../../../src/api.ts";
import { boxAround, clickSize, clipped, moved } from "../canvas/shapes.ts";
import type { Point } from "../canvas/view.ts";
import { say } from "./notices.ts";
import { classes, factsOf, history, imageById, ledger, newId, save } from "./project.ts";
import { currentClass, image, imageId, openImage, selected } from "./view.ts";

/** One step of several actions. */
export function act(...actions: readonly Action[]): void {
  history.push(actions.map((action) => ledger.act(action)));
  save();
}

const select = (...ids: readonly Id[]) => {
  selected.value = new Set(ids);
};

/** A click: a cell of its class's size. */
export function markPoint(place: Point): void {
  const [open, classId] = [image.value, currentClass.value];
  if (!open) return;
  const kind = classes.value.find(({ id }) => id === classId) ?? classes.value[0];
  if (!kind) return;
  const box = clipped(boxAround(place, clickSize(kind.size, open)), open);
  if (box) add({ id: newId(), image: open.id, box, point: true, classId, from: "mark" });
}

export function markBox(drawn: Box): void {
  const open = image.value;
  const box = open && clipped(drawn, open);
  if (box && classes.value.length > 0) add({ id: newId(), image: open.id, box, classId: currentClass.value, from: "mark" });
}

function add(cell: Cell): void {
  act({ do: "add-cell", cell });
  select(cell.id);
  say(cell.classId === null ? "marked as not a cell" : "cell marked");
}

/** A dragged cell or handle. */
export function placeCell(id: Id, to: Box): void {
  const open = image.value;
  const box = open && clipped(to, open);
  const cell = ledger.state.cells.get(id);
  if (box && cell && box.some((side, i) => side !== cell.box[i])) act({ do: "change-cell", id, to: { box } });
}

/** By keys. */
export function moveSelected(dx: number, dy: number): void {
  const [cell] = selectedCells();
  if (cell) placeCell(cell.id, moved(cell.box, dx, dy));
}

export function growSelected(dx: number, dy: number): void {
  const [cell] = selectedCells();
  if (!cell) return;
  const [left, top, right, bottom] = cell.box;
  placeCell(cell.id, [left - dx, top - dy, Math.max(left + 1, right + dx), Math.max(top + 1, bottom + dy)]);
}

export const selectedCells = (): readonly Cell[] =>
  [...selected.value].map((id) => ledger.state.cells.get(id)).filter((cell) => cell !== undefined);

export const selectedRegions = (): readonly Region[] =>
  [...selected.value].map((id) => ledger.state.regions.get(id)).filter((region) => region !== undefined);

/** The selected cells become of a class; null: not a cell. */
export function classify(classId: Id | null): void {
  const cells = selectedCells().filter((cell) => cell.classId !== classId);
  if (cells.length > 0) act(...cells.map(({ id }) => ({ do: "change-cell", id, to: { classId } }) as const));
}

export function deleteSelected(): void {
  const cells = selectedCells().map(({ id }) => ({ do: "delete-cell", id }) as const);
  const regions = selectedRegions().map(({ id }) => ({ do: "delete-region", id }) as const);
  if (cells.length + regions.length === 0) return;
  act(...cells, ...regions);
  select();
  say("deleted");
}

export function addRegion(kind: Region["kind"], ring: readonly number[]): void {
  const open = image.value;
  if (!open || ring.length < 6) return;
  const inside = ring.map((value, i) => Math.max(0, Math.min(i % 2 ? open.height : open.width, value)));
  const id = newId();
  act({ do: "add-region", region: { id, image: open.id, kind, ring: inside } });
  select(id);
  say(kind === "complete" ? "region marked: every cell in it is marked" : "region marked: nothing in it counts");
}

export function changeRegion(id: Id, to: { readonly ring?: readonly number[]; readonly kind?: Region["kind"] }): void {
  act({ do: "change-region", id, to });
}

export function setState(id: Id, state: ImageState): void {
  if (ledger.state.stateOf(id) !== state) act({ do: "set-state", image: id, state });
}

export function setMpp(id: Id, mpp: number | null): void {
  act({ do: "set-mpp", image: id, mpp });
}

/** Colours that stay apart for the colour-blind and on stained tissue (after Okabe and Ito). */
const palette = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c510a", "#5e3c99"];

export function addClass(name: string): CellClass {
  const colour = palette[classes.value.length % palette.length];
  const added = { id: newId(), name, colour, size: classes.value[0]?.size ?? (image.value?.mpp ? 10 : 24) };
  act({ do: "add-class", class: added });
  return added;
}

/** With another size of the class, its clicks that have the old one get it, too. */
export function changeClass(id: Id, to: Partial<Omit<CellClass, "id">>): void {
  const before = classes.value.find((kind) => kind.id === id);
  const { size } = to;
  act({ do: "change-class", id, to }, ...(before && size !== undefined ? resized(before, size) : []));
}

function resized({ id: classId, size: before }: CellClass, size: number): Action[] {
  return [...ledger.state.cells.values()].flatMap((cell): Action[] => {
    const found = imageById.value.get(cell.image);
    if (cell.classId !== classId || !cell.point || !found) return [];
    const its = factsOf(found);
    const [left, top, right, bottom] = cell.box;
    const side = clickSize(before, its);
    if (Math.max(Math.abs(right - left - side), Math.abs(bottom - top - side)) > 0.01) return [];
    const box = clipped(boxAround([(left + right) / 2, (top + bottom) / 2], clickSize(size, its)), its);
    return box ? [{ do: "change-cell", id: cell.id, to: { box } }] : [];
  });
}

export function undo(): void {
  turned(history.undo(), "undone");
}

export function redo(): void {
  turned(history.redo(), "done again");
}

/** Shows where it happened. */
function turned(step: ReturnType<typeof history.undo>, word: string): void {
  if (!step) {
    say(word === "undone" ? "nothing to undo" : "nothing to do again");
    return;
  }
  const place = step.map(({ action }) => placeOf(action)).find((found) => found !== null);
  if (place && place !== imageId.value) openImage(place);
  const there = [...selected.value].filter((id) => ledger.state.cells.has(id) || ledger.state.regions.has(id));
  selected.value = new Set(there);
  save();
  say(word);
}

function placeOf(action: Action): Id | null {
  const { state } = ledger;
  switch (action.do) {
    case "add-cell":
      return action.cell.image;
    case "add-region":
      return action.region.image;
    case "change-cell":
    case "delete-cell":
      return state.cells.get(action.id)?.image ?? null;
    case "change-region":
    case "delete-region":
      return state.regions.get(action.id)?.image ?? null;
    default:
      return null;
  }
}
