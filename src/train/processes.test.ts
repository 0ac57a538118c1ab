// What the processes of a training say to each other, and what they say when one of them does not.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { distributedMissing } from "@sparsecell/torch";

const skip = distributedMissing() ?? false;
const root = mkdtempSync(join(tmpdir(), "processes-"));
after(() => rmSync(root, { recursive: true }));
const program = fileURLToPath(new URL("./processes.fixture.js", import.meta.url));

interface How {
  readonly count?: number;
  /** How many of them are told that they are on this machine; those that are not all there sum by the network. */
  readonly here?: number;
  readonly onEnd?: (children: readonly ChildProcess[]) => void;
}

/** Starts processes that play a role together; what each printed, in the order of their ranks. `onEnd` is called after each end. */
async function together(role: string, { count = 2, here = count, onEnd = () => {} }: How = {}): Promise<unknown[]> {
  const dir = mkdtempSync(join(root, "run-"));
  const variables = { WORLD_SIZE: String(count), LOCAL_WORLD_SIZE: String(here), SPARSECELL_STORE: `${dir}.store` };
  const children = Array.from({ length: count }, (_, rank) =>
    spawn(process.execPath, [program, dir, role], {
      env: { ...process.env, ...variables, RANK: String(rank) },
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  const texts = await Promise.all(
    children.map(
      (child) =>
        new Promise<string>((resolve, reject) => {
          let text = "";
          child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
          child.on("error", reject).on("close", () => {
            onEnd(children);
            resolve(text);
          });
        }),
    ),
  );
  if (role === "sums") assert.deepEqual(readdirSync(dir), []);
  return texts.map((text) => (text === "" ? null : JSON.parse(text)));
}

for (const [where, here] of [
  ["by the memory of one machine", 3],
  ["by the network of several", 1],
] as const)
  test(`sums ${where} are the same in all, a tensor without a gradient adds zeros, nothing is left behind`, {
    skip,
  }, async () => {
    const said = (await together("sums", { count: 3, here })) as { rounded: string }[];
    said.forEach((each, rank) => {
      assert.deepEqual(each, {
        sum: [3, 3],
        each: [0, 10, 20],
        any: [true, false],
        gradients: [[3, 30, 300], [0], [3 * 2 ** 40 + 3, 1.5]],
        thousands: [5_000_001, 0, 6, 5994, true],
        rounded: said[0].rounded,
        images: [rank, rank + 3, rank + 6],
      });
    });
  });

test("the sums of two have the same bits by memory and by network", { skip }, async () => {
  const rounded: unknown[] = [];
  for (const here of [2, 1])
    rounded.push(...(await together("sums", { here })).map((said) => (said as { rounded: string }).rounded));
  assert.equal(new Set(rounded).size, 1);
});

test("other weights in one of them are an error in all", { skip }, async () => {
  for (const each of await together("same"))
    assert.match(
      (each as { error: string }).error,
      /^process 1 of 2: has other weights than process 0 after step 2; use machines of one kind/,
    );
});

test("one that does not go on is named by the others", { skip }, async () => {
  const [first] = await together("late", { onEnd: (children) => children.forEach((child) => child.kill("SIGKILL")) });
  assert.deepEqual(first, { error: "process 1 of 2 does not go on" });
});

test("one that ends is named by the others", { skip }, async () => {
  const [first, second] = await together("ends");
  assert.deepEqual(first, { error: "process 1 of 2 has ended" });
  assert.equal(second, null);
});

test("one that is killed in the middle of a sum of gradients is named by the others", { skip }, async () => {
  assert.deepEqual(await together("killed in a sum"), [{ error: "process 1 of 2 has ended" }, null]);
});
