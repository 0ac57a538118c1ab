// How quick the workbench's server is: from the command to its address, to the first tile; from a mark to its acknowledgement, which
// comes after fsync, alone and while two processes of lower priority keep all cores busy; its memory.
//   node benchmarks/workbench.mjs [--images N]

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sharp from "sharp";

const { values } = parseArgs({ options: { images: { type: "string", default: "10" } } });
const program = fileURLToPath(new URL("../bin/sparsecell.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sparsecell-workbench-"));
const images = join(folder, "images");
const MARKS = 200;

try {
  mkdirSync(images);
  const noise = { type: "gaussian", mean: 160, sigma: 40 };
  for (let i = 0; i < Number(values.images); i++)
    await sharp({ create: { width: 512, height: 512, channels: 3, background: "#c8a0b4", noise } }).toFile(
      join(images, `${i}.png`),
    );
  for (const time of ["first", "second"]) {
    const server = await started();
    const tile = performance.now();
    await server.ask(`/api/v1/images/${server.project.images[0].id}/tiles/1/0/0.jpg`);
    console.log(
      `${time} opening of ${values.images} images of 512²: address after ${ms(server.listening)}, first tile ${ms(performance.now() - tile)} after it is asked for`,
    );
    if (time === "second") await marks(server);
    server.child.kill();
    await once(server.child, "close");
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function started() {
  const begun = performance.now();
  const child = spawn(process.execPath, [program, "open", images, "--no-browser"], { stdio: ["ignore", "pipe", "inherit"] });
  const [address] = await once(createInterface(child.stdout), "line");
  const listening = performance.now() - begun;
  const { origin, searchParams } = new URL(address);
  const headers = {
    authorization: `Bearer ${searchParams.get("token")}`,
    "content-type": "application/json",
    "x-sparsecell": "1",
  };
  const ask = async (path, body) =>
    (await fetch(origin + path, { headers, ...(body && { method: "POST", body: JSON.stringify(body) }) })).arrayBuffer();
  const project = JSON.parse(Buffer.from(await ask("/api/v1/project")).toString());
  return { child, listening, ask, project };
}

async function marks({ child, ask, project }) {
  let count = 0;
  const image = project.images[0].id;
  const measure = async (what) => {
    const times = [];
    for (let i = 0; i < MARKS; i++) {
      const cell = {
        id: `mark${String(count++).padStart(6, "0")}`,
        image,
        box: [1, 1, 17, 17],
        point: true,
        classId: null,
        from: "mark",
      };
      const begun = performance.now();
      await ask("/api/v1/actions", { client: "bench", actions: [{ do: "add-cell", cell }] });
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    const at = (part) => ms(times[Math.min(MARKS - 1, Math.floor(part * MARKS))]);
    console.log(`a mark acknowledged, ${what}: median ${at(0.5)}, 95 % within ${at(0.95)}, at most ${at(1)} (${MARKS} marks)`);
  };
  await measure("alone");
  const busy = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }),
  );
  for (const { pid } of busy) setPriority(pid, 10);
  await measure(`beside ${busy.length} processes of nice 10 that keep the cores busy`);
  for (const each of busy) each.kill();
  const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"));
  console.log(`memory ${Math.round(Number(memory?.[1]) / 1024)} MiB; load of the machine ${loadavg()[0].toFixed(1)}`);
}

function ms(time) {
  return `${time.toFixed(time < 10 ? 1 : 0)} ms`;
}
