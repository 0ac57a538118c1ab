// kill -9 of the workbench's server at random moments of a scripted use, a third of them inside a write of its actions; each time it
// is opened again. Every action that it had acknowledged must be there, as it was acknowledged, and numbered without a gap.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import sharp from "sharp";
import { faultScript, randomNumbers } from "./fault-script.mjs";

const program = fileURLToPath(new URL("../../bin/sparsecell.js", import.meta.url));
const killedWrite = pathToFileURL(fileURLToPath(new URL("workbench-write.fixture.mjs", import.meta.url))).href;

await faultScript({ short: 5, full: 50 }, async ({ count, seed, folder, trial, note }) => {
  const random = randomNumbers(seed);
  const images = join(folder, "images");
  const blank = sharp({ create: { width: 300, height: 300, channels: 3, background: "#c8a0b4" } });
  mkdirSync(images);
  for (const name of ["a.png", "b.png"]) await blank.toFile(join(images, name));
  const acknowledged = new Map();
  let [torn, kept] = [0, 0];

  for (let i = 0; i < count; i++)
    await trial("kill -9 of the server and open again: every acknowledged action is there", async () => {
      const bytes = i % 3 === 2 ? 200 + Math.floor(random() * 20_000) : null;
      const server = await started(images, bytes);
      const { images: marked } = await (await server.ask("/api/v1/project")).json();
      const moment = 20 + random() * 1000;
      const killed = setTimeout(moment).then(() => bytes === null && server.child.kill("SIGKILL"));
      await use(server, { marked, random, acknowledged, trial: `t${i}` });
      await killed;
      await server.ended;

      const path = join(images, "sparsecell/actions.jsonl");
      const onDisk = readFileSync(path, "utf8");
      if (!onDisk.endsWith("\n") && onDisk !== "") torn++;
      const again = await started(images, null);
      try {
        const records = await (await again.ask("/api/v1/actions")).json();
        for (const [n, record] of records.entries())
          if (record.number !== n + 1) throw new Error(`record ${n + 1} has the number ${record.number}`);
        for (const [number, record] of acknowledged)
          if (!isDeepStrictEqual(records[number - 1], record))
            throw new Error(`action ${number} was acknowledged and is not there`);
        for (const record of records.slice(acknowledged.size)) acknowledged.set(record.number, record);
        kept = records.length;
      } finally {
        again.child.kill("SIGKILL");
        await again.ended;
      }
    });
  note(`${kept} actions in the end; ${torn} times half a line was left and cut off`);
});

/** `bytes`: it kills itself after so many bytes of actions. */
async function started(path, bytes) {
  const options = bytes === null ? [] : [`--import=${killedWrite}`];
  const env = { ...process.env, KILLED_AFTER_BYTES: String(bytes) };
  const child = spawn(process.execPath, [...options, program, "open", path, "--no-browser"], {
    stdio: ["ignore", "pipe", "pipe"],
    env,
  });
  const ended = once(child, "close");
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  const address = await Promise.race([
    once(createInterface(child.stdout), "line").then(([line]) => line),
    ended.then(() => Promise.reject(new Error(`the server ended: ${errors}`))),
  ]);
  const { origin, searchParams } = new URL(address);
  const headers = {
    authorization: `Bearer ${searchParams.get("token")}`,
    "content-type": "application/json",
    "x-sparsecell": "1",
  };
  const ask = (where, body) => fetch(origin + where, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) });
  return { child, ended, ask };
}

/** Marks, moves, deletes, undoes, several requests at a time, until the server is gone. */
async function use({ ask }, { marked, random, acknowledged, trial }) {
  let serial = 0;
  const whole = (most) => Math.floor(random() * most);
  const one = (lane) => {
    const image = marked[whole(marked.length)].id;
    const id = `${trial}lane${lane}n${String(serial++).padStart(6, "0")}`;
    const box = [whole(280), whole(280)];
    const add = { do: "add-cell", cell: { id, image, box: [...box, box[0] + 16, box[1] + 16], classId: null, from: "mark" } };
    if (random() < 0.7) return [add];
    return [add, { do: "change-cell", id, to: { box: [1, 1, 20 + whole(50), 30] } }, { do: "delete-cell", id }];
  };
  await Promise.all(
    [0, 1, 2].map(async (lane) => {
      for (;;) {
        const actions = one(lane);
        try {
          const response = await ask("/api/v1/actions", { client: `lane${lane}`, actions });
          const answer = await response.json();
          if (!response.ok) throw new RangeError(answer.error);
          for (const record of answer.records) acknowledged.set(record.number, record);
        } catch (error) {
          if (error instanceof RangeError) throw error;
          return; // the server is gone
        }
      }
    }),
  );
}
