import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Action, ActionRecord, Cell, Region } from "../api.ts";
import { ProjectState, type StartingPoint } from "./state.ts";
import { problemOf } from "./validate.ts";

const IMAGES = ["image0001", "image0002"];
const start: StartingPoint = {
  images: IMAGES.map((id) => ({ id, state: "untouched", mpp: null })),
  classes: [{ id: "class0001", name: "cell", colour: "#112233", size: 16 }],
};
const marks: { cells: Cell[]; regions: Region[] } = {
  cells: [1, 2, 3].map((i) => ({
    id: `a0000000${i}`,
    image: IMAGES[i % 2],
    box: [i, i, i + 9, i + 9],
    classId: "class0001",
    from: "dataset",
  })),
  regions: [{ id: "r00000001", image: IMAGES[0], kind: "complete", ring: [0, 0, 9, 0, 9, 9] }],
};

/** Numbers become actions on few ids, so that many of them meet. */
function actionFrom([kind, a, b, c]: readonly number[]): Action {
  const cellId = `a0000000${a % 9}`;
  const cell: Cell = { id: cellId, image: IMAGES[b % 2], box: [c, c, c + 5, c + 6], point: true, classId: null, from: "mark" };
  const region: Region = { id: `r0000000${a % 9}`, image: IMAGES[b % 2], kind: "ignore", ring: [0, 0, c + 1, 0, 0, c + 1] };
  const effects = [{ add: { ...cell, from: "answer" as const } }, { ignore: region }, { delete: cellId }, { keep: cellId }];
  const actions: Action[] = [
    { do: "add-cell", cell: { ...cell, classId: b % 3 ? "class0001" : b % 2 ? "class0002" : null } },
    { do: "change-cell", id: cellId, to: b % 2 ? { box: [c, 1, c + 5, 7] } : { classId: b % 4 ? "class0002" : null } },
    { do: "delete-cell", id: cellId },
    { do: "add-region", region },
    { do: "change-region", id: region.id, to: { kind: "complete" } },
    { do: "delete-region", id: region.id },
    { do: "set-state", image: IMAGES[b % 2], state: c % 2 ? "complete" : "test" },
    { do: "set-mpp", image: IMAGES[b % 2], mpp: c % 2 ? 0.25 : null },
    { do: "add-class", class: { id: "class0002", name: "other", colour: "#445566", size: 9 } },
    { do: "change-class", id: b % 2 ? "class0002" : "class0001", to: { name: `name ${c % 3}` } },
    { do: "answer", round: 1, suspect: `suspect0${a % 4}`, answer: "accept", effect: effects[b % 4] },
    { do: "undo", action: 1 + (a % 20) },
    { do: "redo", action: 1 + (a % 20) },
  ];
  return actions[kind % actions.length];
}

const sides = (image: string) => (IMAGES.includes(image) ? { width: 100, height: 100 } : undefined);
const tuples = fc.array(fc.array(fc.nat(40), { minLength: 4, maxLength: 4 }), { maxLength: 60 });

/** The valid ones of the actions, in turn from two clients. */
function recordsFrom(numbers: readonly (readonly number[])[]): ActionRecord[] {
  const state = new ProjectState(start);
  state.addMarks(marks);
  const records: ActionRecord[] = [];
  for (const each of numbers) {
    const action = actionFrom(each);
    if (problemOf(action, state, sides) !== null) continue;
    const record = { number: records.length + 1, at: "", client: each[1] % 3 ? "one" : "two", action };
    state.apply(record);
    records.push(record);
  }
  return records;
}

const seen = (state: ProjectState) => ({
  cells: [...state.cells].sort(byId),
  regions: [...state.regions].sort(byId),
  classes: [...state.classes].sort((a, b) => (a.id < b.id ? -1 : 1)),
  answers: [...state.answers].sort(byId),
  images: IMAGES.map((id) => ({
    state: state.stateOf(id),
    mpp: state.mppOf(id),
    cells: [...state.cellsOf(id)].map((cell) => cell.id).sort(),
    regions: [...state.regionsOf(id)].map((region) => region.id).sort(),
  })),
});
const byId = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

function folded(records: readonly ActionRecord[]): ProjectState {
  const state = new ProjectState(start);
  state.addMarks(marks);
  for (const record of records) state.apply(record);
  return state;
}

test("marks that come before, between or after the actions give the same", () => {
  fc.assert(
    fc.property(tuples, fc.nat(60), (numbers, when) => {
      const records = recordsFrom(numbers);
      const late = new ProjectState(start);
      for (const [i, record] of records.entries()) {
        if (i === when) late.addMarks(marks);
        late.apply(record);
      }
      if (when >= records.length) late.addMarks(marks);
      assert.deepEqual(seen(late), seen(folded(records)));
    }),
  );
});

test("what is taken back is as if it had never been done, wherever it stands", () => {
  fc.assert(
    fc.property(tuples, (numbers) => {
      const records = recordsFrom(numbers);
      const state = folded(records);
      const rest = records.filter(({ number }) => state.action(number)?.undone === false);
      const { answers: _, ...without } = seen(folded(rest)); // an answer's number is part of it, and stays
      const { answers: __, ...all } = seen(state);
      assert.deepEqual(all, without);
    }),
  );
});

test("undo and redo of a client lead to the start and back", () => {
  fc.assert(
    fc.property(tuples, (numbers) => {
      const records = recordsFrom(numbers).filter(({ action }) => action.do !== "undo" && action.do !== "redo");
      const renumbered = records.map((record, i) => ({ ...record, number: i + 1, client: "one" }));
      const state = folded(renumbered);
      const before = seen(state);
      let count = renumbered.length;
      const turn = (action: Action) => {
        assert.equal(problemOf(action, state, sides), null);
        state.apply({ number: ++count, at: "", client: "one", action });
      };
      for (let number = state.nextUndo("one"); number !== null; number = state.nextUndo("one"))
        turn({ do: "undo", action: number });
      assert.deepEqual(seen(state), seen(folded([])));
      for (let number = state.nextRedo("one"); number !== null; number = state.nextRedo("one"))
        turn({ do: "redo", action: number });
      assert.deepEqual(seen(state), before);
      assert.equal(state.nextUndo("two"), null);
    }),
  );
});

test("no cell is ever of a class that is gone", () => {
  fc.assert(
    fc.property(tuples, (numbers) => {
      const state = folded(recordsFrom(numbers));
      for (const { classId } of state.cells.values()) assert.ok(classId === null || state.classOf(classId) !== undefined);
    }),
  );
});

test("actions that cannot be are refused in one line", () => {
  const state = folded([]);
  const cell: Cell = { id: "newcell001", image: IMAGES[0], box: [1, 1, 9, 9], classId: null, from: "mark" };
  const refused: [unknown, RegExp][] = [
    [null, /expected an object/],
    [{ do: "jump" }, /^do: expected "add-cell" or/],
    [{ do: "add-cell", cell: { ...cell, id: "../../etc" } }, /^cell\.id: expected 8 to 40 letters/],
    [{ do: "add-cell", cell: { ...cell, image: "image0009" } }, /the image image0009 is missing/],
    [{ do: "add-cell", cell: { ...cell, box: [9, 1, 9, 9] } }, /^cell\.box: expected \[left/],
    [{ do: "add-cell", cell: { ...cell, box: [1, 1, 9, null] } }, /^cell\.box\[3\]: expected a finite number/],
    [{ do: "add-cell", cell: { ...cell, box: [100, 1, 109, 9] } }, /outside of the image, which has 100×100/],
    [{ do: "add-cell", cell: { ...cell, classId: "class0007" } }, /the class class0007 is missing/],
    [{ do: "add-cell", cell: { ...cell, secret: 1 } }, /^cell\.secret: is unknown/],
    [{ do: "add-cell", cell: { ...cell, id: "a00000001" } }, /belongs to another cell/],
    [{ do: "delete-cell", id: "newcell001" }, /the cell newcell001 is missing/],
    [{ do: "add-region", region: { ...marks.regions[0], id: "r00000009", ring: [1, 1, 2, 2, 3] } }, /ring: has 5 items/],
    [{ do: "add-region", region: { ...marks.regions[0], id: "r00000009", ring: [1, 1, 2, 1, 3, 1] } }, /has no area/],
    [{ do: "add-class", class: { ...start.classes[0], id: "class0002" } }, /another class is called "cell"/],
    [{ do: "set-mpp", image: IMAGES[0], mpp: 300 }, /^mpp: expected a finite number from 0.05 to 20/],
    [{ do: "undo", action: 1 }, /action 1 is missing/],
    [JSON.parse('{ "do": "delete-cell", "id": "a00000001", "__proto__": {} }'), /__proto__: is unknown/],
  ];
  for (const [action, message] of refused) {
    const problem = problemOf(action, state, sides);
    assert.match(problem ?? "", message);
    assert.ok(!problem?.includes("\n"));
  }
});
