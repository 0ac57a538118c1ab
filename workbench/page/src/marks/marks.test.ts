import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action, ActionRecord, Cell } from "../../../src/api.ts";
import { History } from "./history.ts";
import { asSent, type Entry, Ledger } from "./ledger.ts";
import { Outbox, type Outcome, Refused, type Server } from "./outbox.ts";

const start = {
  images: [{ id: "image001", state: "untouched", mpp: null }],
  classes: [{ id: "class001", name: "cell", colour: "#0072b2", size: 20 }],
} as const;
const cell = (id: string): Cell => ({ id, image: "image001", box: [0, 0, 10, 10], classId: "class001", from: "mark" });
const add = (id: string): Action => ({ do: "add-cell", cell: cell(id) });
const idsOf = (ledger: Ledger) => ledger.marks("image001").cells.map(({ id }) => id);

/** A server that keeps what it is sent; `fail` is asked at each request. */
function kept(client: string, fail: () => "before" | "after" | "refuse" | null = () => null) {
  const records: ActionRecord[] = [];
  const put = (by: string, action: Action) => {
    const record = { number: records.length + 1, at: "", client: by, action };
    records.push(record);
    return record;
  };
  const server: Server = {
    async send(actions) {
      const failure = fail();
      if (failure === "before") throw new Error("no connection");
      if (failure === "refuse") throw new Refused("no such class");
      const written = actions.map((action) => put(client, action));
      if (failure === "after") throw new Error("the answer is lost");
      return written;
    },
    after: async (number) => records.slice(number),
    wait: async () => {},
  };
  return { records, put, server };
}

function outcome() {
  const said: string[] = [];
  const hears: Outcome = {
    saving: () => {},
    changed: () => {},
    failing: (message) => said.push(message),
    refused: (_: Entry, message) => said.push(`refused: ${message}`),
  };
  return { said, hears };
}

test("a mark is there before it is saved, and once after", async () => {
  const ledger = new Ledger("me", start);
  const { server, records } = kept("me");
  ledger.act(add("cell0001"));
  assert.deepEqual(idsOf(ledger), ["cell0001"]);
  await new Outbox(ledger, server, outcome().hears).flush();
  assert.deepEqual([idsOf(ledger), ledger.pending.length, records.length], [["cell0001"], 0, 1]);
  assert.ok(ledger.receive(records[0]), "the event of what was answered already");
  assert.deepEqual(idsOf(ledger), ["cell0001"]);
});

test("what was sent and whose answer was lost is not sent again", async () => {
  const ledger = new Ledger("me", start);
  const failures = ["after", "before", "after"] as ("before" | "after" | null)[];
  const { server, records } = kept("me", () => failures.shift() ?? null);
  const { said, hears } = outcome();
  const outbox = new Outbox(ledger, server, hears);
  ledger.act(add("cell0001"));
  ledger.act(add("cell0002"));
  await outbox.flush();
  ledger.act(add("cell0003"));
  await outbox.flush();
  assert.deepEqual(
    records.map(({ action }) => (action as { cell: Cell }).cell.id),
    ["cell0001", "cell0002", "cell0003"],
  );
  assert.deepEqual(said, ["the answer is lost", "no connection", "the answer is lost"]);
});

test("an undo is sent with the number that its action got among those of others", async () => {
  const ledger = new Ledger("me", start);
  const { server, records, put } = kept("me");
  put("other", add("other001"));
  const entry = ledger.act(add("cell0001"));
  ledger.act({ do: "undo", action: entry.number }, entry);
  assert.deepEqual(idsOf(ledger), []);
  ledger.receive(records[0]);
  assert.deepEqual(idsOf(ledger), ["other001"]);
  await new Outbox(ledger, server, outcome().hears).flush();
  assert.deepEqual(records.map(({ action }) => action).at(-1), { do: "undo", action: 2 });
  assert.deepEqual(idsOf(ledger), ["other001"]);
});

test("what the server refuses goes from the screen, the rest is saved", async () => {
  const ledger = new Ledger("me", start);
  let requests = 0;
  const { server, records } = kept("me", () => (++requests <= 2 ? "refuse" : null));
  const { said, hears } = outcome();
  ledger.act(add("cell0001"));
  ledger.act(add("cell0002"));
  await new Outbox(ledger, server, hears).flush();
  assert.deepEqual(said, ["refused: no such class"]);
  assert.deepEqual([idsOf(ledger), records.length], [["cell0002"], 1]);
});

test("steps are taken back and done again as a whole, as often as one likes", () => {
  const ledger = new Ledger("me", start);
  const history = new History(ledger);
  const act = (...actions: Action[]) => history.push(actions.map((action) => ledger.act(action)));
  act(add("cell0001"), add("cell0002"));
  act({ do: "delete-cell", id: "cell0001" });
  const states = [["cell0002"], ["cell0001", "cell0002"], []];
  for (let turn = 0; turn < 3; turn++) {
    assert.deepEqual(idsOf(ledger).sort(), states[0]);
    history.undo();
    assert.deepEqual(idsOf(ledger).sort(), states[1]);
    history.undo();
    assert.deepEqual([idsOf(ledger), history.canUndo], [states[2], false]);
    assert.equal(history.undo(), null);
    history.redo();
    history.redo();
  }
  history.undo();
  act(add("cell0003"));
  assert.equal(history.canRedo, false);
});

test("after a reload, undo goes on with this page's own actions", () => {
  const ledger = new Ledger("me", start);
  const actions: [string, Action][] = [
    ["me", add("cell0001")],
    ["other", add("other001")],
    ["me", add("cell0002")],
    ["me", { do: "undo", action: 3 }],
  ];
  actions.forEach(([client, action], i) => ledger.receive({ number: i + 1, at: "", client, action }));
  const history = new History(ledger);
  history.undo();
  assert.deepEqual([idsOf(ledger), history.canUndo], [["other001"], false]);
  assert.deepEqual(asSent(ledger.pending[0]), { do: "undo", action: 1 });
  assert.ok(history.redo() && history.redo());
  assert.deepEqual([idsOf(ledger).sort(), history.canRedo], [["cell0001", "cell0002", "other001"], false]);
});

test("after a reload, nothing that came before a new mark is done again", () => {
  const ledger = new Ledger("me", start);
  const actions: [string, Action][] = [
    ["me", add("cell0001")],
    ["me", { do: "undo", action: 1 }],
    ["me", add("cell0002")],
    ["other", add("other001")],
    ["other", { do: "undo", action: 3 }],
  ];
  actions.forEach(([client, action], i) => ledger.receive({ number: i + 1, at: "", client, action }));
  const history = new History(ledger);
  assert.deepEqual([history.canUndo, history.canRedo], [false, false]);
});

test("a record too early is asked for", () => {
  const ledger = new Ledger("me", start);
  assert.equal(ledger.receive({ number: 2, at: "", client: "other", action: add("cell0002") }), false);
});
