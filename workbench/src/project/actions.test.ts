// Actions over HTTP: on the disk before they are acknowledged, all or none, and told to every page.

import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ActionRecord } from "../api.ts";
import { imageFolder, served } from "../served.fixture.ts";
import { UserError } from "../sparsecell.ts";
import { ActionLog } from "./action-log.ts";

const cell = (image: string, id: string) => ({
  do: "add-cell",
  cell: { id, image, box: [1, 1, 9, 9], point: true, classId: "c000000000", from: "mark" },
});

const linesOf = (folder: string): ActionRecord[] =>
  readFileSync(join(folder, "sparsecell/actions.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

test("a request's actions are kept all or none", async (t) => {
  const folder = await imageFolder(t);
  const { act, project, get, post } = await served(t, { path: folder });
  const [{ id }] = (await project()).images;
  const records = await act(cell(id, "cell00001"), { do: "set-state", image: id, state: "complete" });
  assert.deepEqual(
    records.map(({ number, client }) => [number, client]),
    [
      [1, "test"],
      [2, "test"],
    ],
  );
  assert.deepEqual(linesOf(folder), records);

  await assert.rejects(
    act(cell(id, "cell00002"), cell(id, "cell00001")),
    /^Error: actions\[1\]: the id cell00001 belongs to another cell$/,
  );
  assert.deepEqual(linesOf(folder), records);
  assert.equal((await project()).lastAction, 2);
  assert.deepEqual(
    (await act(cell(id, "cell00002"))).map(({ number }) => number),
    [3],
  );
  assert.deepEqual(
    ((await (await get("/api/v1/actions?after=2")).json()) as ActionRecord[]).map(({ number }) => number),
    [3],
  );

  const refused: [unknown, RegExp][] = [
    ["{", /the body is not JSON/],
    [[], /^client: expected/],
    [{ client: "a b", actions: [] }, /^client: expected/],
    [{ client: "a", actions: [] }, /^actions: expected a list of 1 to/],
    [{ client: "a", actions: {} }, /^actions: expected a list/],
    [{ client: "a", actions: [1] }, /^expected an object/],
  ];
  for (const [body, message] of refused) {
    const response = await post("/api/v1/actions", body);
    assert.equal(response.status, 400);
    assert.match(((await response.json()) as { error: string }).error, message);
  }
  assert.equal((await get("/api/v1/actions?after=-1")).status, 400);
});

test("every page hears of every action, in their order", async (t) => {
  const { act, project, get, served: server } = await served(t, { path: await imageFolder(t) });
  const [{ id }] = (await project()).images;
  const streams = await Promise.all([get("/api/v1/events"), get("/api/v1/events")]);
  assert.equal(streams[0].headers.get("content-type"), "text/event-stream");
  const heard = streams.map(async ({ body }) => {
    let text = "";
    for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(piece).toString();
      if (text.includes('"number":3')) break;
    }
    return [...text.matchAll(/^event: action\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data));
  });
  const records = [...(await act(cell(id, "cell00001"), cell(id, "cell00002"))), ...(await act({ do: "undo", action: 2 }))];
  for (const each of await Promise.all(heard)) assert.deepEqual(each, records);
  await server.close(); // also with pages that listen
});

test("half a line at the end was never acknowledged and is cut off; a damaged line is named", async (t) => {
  const folder = await imageFolder(t);
  const first = await served(t, { path: folder });
  const [{ id }] = (await first.project()).images;
  const records = await first.act(cell(id, "cell00001"), cell(id, "cell00002"));
  await first.served.close();
  const file = join(folder, "sparsecell/actions.jsonl");
  appendFileSync(file, '{"number":3,"at":"2026');
  const again = await served(t, { path: folder });
  assert.deepEqual(await (await again.get("/api/v1/actions")).json(), records);
  assert.equal((await again.act(cell(id, "cell00003")))[0].number, 3);
  await again.served.close();
  assert.equal(linesOf(folder).length, 3);
  writeFileSync(file, readFileSync(file, "utf8").replace('"number":2', '"number":7'));
  await assert.rejects(served(t, { path: folder }), /actions\.jsonl:2: is not action 2; restore the file/);
});

test("a disk that takes nothing: 507, nothing is kept, and later it goes on", async (t) => {
  const folder = await imageFolder(t);
  const { project, post, act } = await served(t, { path: folder });
  const [{ id }] = (await project()).images;
  const { append } = ActionLog.prototype;
  t.after(() => Object.assign(ActionLog.prototype, { append }));
  ActionLog.prototype.append = () => {
    throw new UserError("actions.jsonl: cannot be written: no space left on device; free some space or choose another folder");
  };
  const response = await post("/api/v1/actions", { client: "test", actions: [cell(id, "cell00001")] });
  assert.equal(response.status, 507);
  assert.match(((await response.json()) as { error: string }).error, /no space left on device; free some space/);
  assert.equal((await project()).lastAction, 0);
  ActionLog.prototype.append = append;
  assert.equal((await act(cell(id, "cell00001")))[0].number, 1);
  assert.equal(linesOf(folder).length, 1);
});
