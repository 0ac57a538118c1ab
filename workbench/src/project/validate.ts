// Whether an action, from whoever sent it, may be the next one. What is wrong is one line that names the key.

import type { Action, Id } from "../api.ts";
import { shapes, shown } from "../sparsecell.ts";
import type { ProjectState } from "./state.ts";

const { allOf, anyFlag, either, listOf, numberIn, objectOf, oneOf, optional, orNull } = shapes;

/** What the checks of places need of an image. */
export interface Sides {
  readonly width: number;
  readonly height: number;
}

/** Null when the action may be applied to the state; else what is wrong. */
export function problemOf(value: unknown, state: ProjectState, sidesOf: (image: Id) => Sides | undefined): string | null {
  const fault = anyAction(value);
  if (fault !== null) return `${pathText(fault.path)}${fault.message}`;
  return wrongIn(value as Action, state, sidesOf);
}

const pathText = (path: readonly (string | number)[]): string =>
  path.length === 0
    ? ""
    : `${path.map((key, i) => (typeof key === "number" ? `[${key}]` : i === 0 ? key : `.${key}`)).join("")}: `;

const matching =
  (pattern: RegExp, wanted: string): shapes.Shape =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? null : { path: [], message: `expected ${wanted}, got ${shown(value)}` };

/** An object with these keys and no other, so that nothing unchecked is kept. */
const exactly = (keys: { readonly [key: string]: shapes.Shape }): shapes.Shape =>
  allOf(objectOf(keys), (value) => {
    const other = Object.keys(value as object).find((key) => !Object.hasOwn(keys, key));
    return other === undefined ? null : { path: [other.slice(0, 40)], message: "is unknown" };
  });

const id = matching(/^[A-Za-z0-9]{8,40}$/, "8 to 40 letters and digits");
const count = numberIn({ least: 1, whole: true });
const place = numberIn({ least: -1e9, most: 1e9 });
const box: shapes.Shape = allOf(listOf(place, { least: 4, most: 4 }), (value) => {
  const [x1, y1, x2, y2] = value as number[];
  return x1 < x2 && y1 < y2 ? null : { path: [], message: "expected [left, top, right, bottom] with an area" };
});
const ring: shapes.Shape = allOf(listOf(place, { least: 6, most: 20_000 }), (value) =>
  (value as number[]).length % 2 === 0 ? null : { path: [], message: "has an odd number of coordinates" },
);
const name = matching(/^(?=.*\S)[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]{1,100}$/u, "a name of at most 100 characters in one line");
const colour = matching(/^#[0-9a-f]{6}$/i, 'a colour such as "#3366cc"');
const size = numberIn({ least: 0.1, most: 10_000 });
const regionKind = oneOf("complete", "ignore");

const cell = exactly({
  id,
  image: id,
  box,
  point: optional(oneOf(true)),
  classId: orNull(id),
  from: oneOf("mark", "answer"),
});
const region = exactly({ id, image: id, kind: regionKind, ring });
const cellClass = exactly({ id, name, colour, size });
const effect = either(exactly({ add: cell }), exactly({ ignore: region }), exactly({ delete: id }), exactly({ keep: id }));

const actionShapes: { readonly [name in Action["do"]]: shapes.Shape } = {
  "add-cell": exactly({ do: oneOf("add-cell"), cell }),
  "change-cell": exactly({
    do: oneOf("change-cell"),
    id,
    to: exactly({ box: optional(box), classId: optional(orNull(id)) }),
  }),
  "delete-cell": exactly({ do: oneOf("delete-cell"), id }),
  "add-region": exactly({ do: oneOf("add-region"), region }),
  "change-region": exactly({
    do: oneOf("change-region"),
    id,
    to: exactly({ ring: optional(ring), kind: optional(regionKind) }),
  }),
  "delete-region": exactly({ do: oneOf("delete-region"), id }),
  "set-state": exactly({ do: oneOf("set-state"), image: id, state: oneOf("untouched", "marking", "complete", "test") }),
  "set-mpp": exactly({ do: oneOf("set-mpp"), image: id, mpp: orNull(numberIn({ least: 0.05, most: 20 })) }),
  "add-class": exactly({ do: oneOf("add-class"), class: cellClass }),
  "change-class": exactly({
    do: oneOf("change-class"),
    id,
    to: exactly({ name: optional(name), colour: optional(colour), size: optional(size) }),
  }),
  answer: exactly({
    do: oneOf("answer"),
    round: count,
    suspect: id,
    answer: oneOf("accept", "refuse", "unsure"),
    effect,
    sheet: optional(anyFlag),
  }),
  undo: exactly({ do: oneOf("undo"), action: count }),
  redo: exactly({ do: oneOf("redo"), action: count }),
};

const names = Object.keys(actionShapes) as Action["do"][];

const anyAction: shapes.Shape = (value) => objectOf({ do: oneOf(...names) })(value) ?? actionShapes[(value as Action).do](value);

/** What the shape cannot say: whether what it names is there, and the place on the image. */
function wrongIn(action: Action, state: ProjectState, sidesOf: (image: Id) => Sides | undefined): string | null {
  switch (action.do) {
    case "add-cell":
      return wrongNew("cell", action.cell.id, state) ?? wrongCell(action.cell, state, sidesOf);
    case "change-cell": {
      const before = state.cells.get(action.id);
      return before === undefined ? missing("cell", action.id) : wrongCell({ ...before, ...action.to }, state, sidesOf);
    }
    case "delete-cell":
      return state.cells.has(action.id) ? null : missing("cell", action.id);
    case "add-region":
      return wrongNew("region", action.region.id, state) ?? wrongRing(action.region, sidesOf);
    case "change-region": {
      const before = state.regions.get(action.id);
      return before === undefined ? missing("region", action.id) : wrongRing({ ...before, ...action.to }, sidesOf);
    }
    case "delete-region":
      return state.regions.has(action.id) ? null : missing("region", action.id);
    case "set-state":
    case "set-mpp":
      return state.hasImage(action.image) ? null : missing("image", action.image);
    case "add-class":
      return wrongNew("class", action.class.id, state) ?? wrongName(action.class.name, action.class.id, state);
    case "change-class":
      if (state.classOf(action.id) === undefined) return missing("class", action.id);
      return action.to.name === undefined ? null : wrongName(action.to.name, action.id, state);
    case "answer":
      if (state.answers.has(action.suspect)) return `the suspect ${action.suspect} has an answer; undo that first`;
      return wrongEffect(action.effect, state, sidesOf);
    case "undo":
    case "redo":
      return wrongTurn(action, state, sidesOf);
  }
}

type Effect = Extract<Action, { do: "answer" }>["effect"];

function wrongEffect(effect: Effect, state: ProjectState, sidesOf: (image: Id) => Sides | undefined): string | null {
  if ("add" in effect) return wrongNew("cell", effect.add.id, state) ?? wrongCell(effect.add, state, sidesOf);
  if ("ignore" in effect) return wrongNew("region", effect.ignore.id, state) ?? wrongRing(effect.ignore, sidesOf);
  const marked = "delete" in effect ? effect.delete : effect.keep;
  return state.cells.has(marked) ? null : missing("cell", marked);
}

function wrongTurn(
  turn: Extract<Action, { do: "undo" | "redo" }>,
  state: ProjectState,
  sidesOf: (image: Id) => Sides | undefined,
): string | null {
  const found = state.action(turn.action);
  if (found === undefined) return `action ${turn.action} is missing, or is itself an undo or a redo`;
  if (found.undone === (turn.do === "undo")) return `action ${turn.action} is ${turn.do === "undo" ? "already" : "not"} undone`;
  const { action } = found;
  if (turn.do === "undo" && action.do === "add-class") return wrongWithoutClass(action.class.id, state);
  if (turn.do === "redo") {
    if (action.do === "answer" && state.answers.has(action.suspect)) return `the suspect ${action.suspect} has another answer`;
    const named =
      action.do === "add-class" ? action.class : action.do === "change-class" ? { id: action.id, ...action.to } : null;
    if (named?.name !== undefined) return wrongName(named.name, named.id, state);
  }
  for (const cell of state.cellsAfterTurn(turn)) {
    const wrong = wrongCell(cell, state, sidesOf);
    if (wrong !== null) return wrong;
  }
  return null;
}

function wrongWithoutClass(classId: Id, state: ProjectState): string | null {
  let cells = 0;
  for (const cell of state.cells.values()) if (cell.classId === classId) cells++;
  if (cells === 0) return null;
  return `${cells === 1 ? "1 cell is" : `${cells} cells are`} of the class ${state.classOf(classId)?.name}; give them another first`;
}

const missing = (kind: string, id: Id): string => `the ${kind} ${id} is missing`;

const wrongNew = (kind: "cell" | "region" | "class", id: Id, state: ProjectState): string | null =>
  state.knows(kind, id) ? `the id ${id} belongs to another ${kind}` : null;

function wrongCell(
  { image, box, classId }: { readonly image: Id; readonly box: readonly number[]; readonly classId: Id | null },
  state: ProjectState,
  sidesOf: (image: Id) => Sides | undefined,
): string | null {
  if (classId !== null && state.classOf(classId) === undefined) return missing("class", classId);
  return wrongPlace(image, box, sidesOf, "box");
}

function wrongRing(
  { image, ring }: { readonly image: Id; readonly ring: readonly number[] },
  sidesOf: (image: Id) => Sides | undefined,
): string | null {
  const [xs, ys] = [ring.filter((_, i) => i % 2 === 0), ring.filter((_, i) => i % 2 === 1)];
  const [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  if (left >= right || top >= bottom) return "the region has no area";
  return wrongPlace(image, [left, top, right, bottom], sidesOf, "region");
}

/** What lies in part outside of the image is cut where it is used. */
function wrongPlace(
  image: Id,
  [left, top, right, bottom]: readonly number[],
  sidesOf: (image: Id) => Sides | undefined,
  what: string,
): string | null {
  const sides = sidesOf(image);
  if (sides === undefined) return missing("image", image);
  if (left < sides.width && top < sides.height && right > 0 && bottom > 0) return null;
  return `the ${what} lies outside of the image, which has ${sides.width}×${sides.height} pixels`;
}

function wrongName(name: string, classId: Id, state: ProjectState): string | null {
  const other = state.classes.find((each) => each.id !== classId && each.name === name);
  return other === undefined ? null : `another class is called ${JSON.stringify(name)}`;
}
