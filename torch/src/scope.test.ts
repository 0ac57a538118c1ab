import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { ones, zeros } from "./functional.ts";
import { keep, memory, release, scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";

const library = JSON.stringify(new URL("./index.js", import.meta.url));
const alive = (tensor: Tensor): boolean => {
  try {
    return tensor.shape.length >= 0;
  } catch {
    return false;
  }
};

/** Runs `body` and asserts that it left nothing behind. */
function balanced(name: string, body: () => void): void {
  test(name, () => {
    const before = memory();
    body();
    assert.deepEqual(memory(), before);
  });
}

balanced("releases what was born inside, temporaries too, and says how much there is", () => {
  const before = memory();
  const [a, b] = scope(() => {
    const inner = ones([3, 4]);
    const view = inner.slice(0, 0, 1); // shares the storage
    assert.deepEqual(memory(), { tensors: before.tensors + 2, bytes: before.bytes + 48 });
    inner.add(1).mul(2);
    return [inner, view].map((tensor) => alive(tensor));
  });
  assert.deepEqual([a, b], [true, true]);
});

balanced("releases on a throw, and goes on in the outer scope", () => {
  scope(() => {
    let lost: Tensor | undefined;
    assert.throws(
      () =>
        scope(() => {
          lost = ones([2]);
          throw new Error("from the body");
        }),
      /from the body/,
    );
    assert.ok(lost && !alive(lost));
    const later = ones([1]);
    assert.ok(alive(later));
  });
});

balanced("nests: a result moves out one scope at a time", () => {
  let seen: Tensor | undefined;
  scope(() => {
    const result = scope(() => scope(() => ones([2]).add(ones([2]))));
    assert.deepEqual(result.numbers(), [2, 2]);
    seen = result;
  });
  assert.ok(seen && !alive(seen));
});

balanced("a tensor of the outer scope may pass through an inner one", () => {
  scope(() => {
    const outer = ones([2]);
    assert.equal(
      scope(() => outer),
      outer,
    );
    assert.ok(alive(outer));
  });
});

balanced("results move out of arrays, objects, Maps, Sets, and what they hold; a cycle is no harm", () => {
  interface Ring {
    tensor: Tensor;
    self?: Ring;
  }
  scope(() => {
    const found = scope(() => {
      const ring: Ring = { tensor: ones([1]) };
      ring.self = ring;
      return {
        array: [ones([1]), [ones([1])]],
        map: new Map<unknown, unknown>([
          ["value", ones([1])],
          [ones([1]), "key"],
        ]),
        set: new Set([ones([1])]),
        ring,
        others: [null, undefined, 1, "text", new Float32Array(3), () => 1],
      };
    });
    const tensors = [found.array[0], (found.array[1] as Tensor[])[0], ...[...found.map].flat(), ...found.set, found.ring.tensor];
    assert.equal(tensors.filter((value) => value instanceof Tensor && alive(value)).length, 6);
  });
});

balanced("keep: out of every scope that owns it, until release; twice is the same as once", () => {
  const kept: Tensor[] = [];
  scope(() => {
    const outer = ones([1]);
    scope(() => kept.push(keep(ones([2])), keep(keep(outer))));
  });
  assert.deepEqual(
    kept.map((tensor) => tensor.numbers()),
    [[1, 1], [1]],
  );
  for (const tensor of kept) release(tensor);
  assert.ok(!kept.some(alive));
});

balanced("release: before the end of the scope, of an outer scope's tensor too; twice is no error, use afterwards is one", () => {
  scope(() => {
    const outer = ones([2]);
    scope(() => release(outer));
    const reused = zeros([5]); // takes the free slot
    release(outer);
    assert.ok(alive(reused));
    for (const use of [
      () => outer.shape,
      () => outer.add(1),
      () => ones([2]).add(outer),
      () => outer.numbers(),
      () => outer.grad,
      () => String(outer),
    ])
      assert.throws(use, /released \(by its scope or by release\(\)\)/);
  });
});

balanced("a Promise is an error, and its tensors are gone", () => {
  assert.throws(() => scope(async () => ones([3])), /scope: expected a synchronous function/);
});

/** Runs a module in a node of its own; returns what it printed. */
function inChild(code: string, ...options: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, "--input-type=module", "-e", code], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

test("the safety net: tensors and generators without a scope are released by garbage collection", () => {
  const code = `
    import { Generator, memory, ones, rand, release } from ${library};
    import { setTimeout } from "node:timers/promises";
    const held = ones([4]);
    for (let i = 0; i < 100; i++) ones([1000]).add(1);
    for (let i = 0; i < 10; i++) new Generator(i);
    release(ones([7]));
    const before = memory().tensors;
    for (let i = 0; i < 50 && memory().tensors > 1; i++) {
      globalThis.gc();
      await setTimeout(10);
    }
    console.log(before, JSON.stringify(memory()), held.numbers());`;
  assert.equal(inChild(code, "--expose-gc"), '201 {"tensors":1,"bytes":16} [ 1, 1, 1, 1 ]');
});

test("a process can end with live tensors", () => {
  assert.equal(
    inChild(`import { keep, ones } from ${library}; keep(ones([9])); globalThis.held = ones([1]); console.log("fine");`),
    "fine",
  );
});

test("worker threads: each has its own tensors, gradient mode and counts", async () => {
  const code = `
    import { backward, memory, noGrad, ones, scope } from ${library};
    import { parentPort, workerData } from "node:worker_threads";
    const before = memory().tensors;
    const x = ones([workerData]);
    x.requiresGrad = true;
    noGrad(() => {});
    scope(() => backward(x.mul(3).sum()));
    parentPort.postMessage([before, memory().tensors, x.grad.numbers()]);`;
  const before = memory();
  const run = (size: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: size });
      let message: unknown;
      worker.once("message", (value) => (message = value));
      worker.once("error", reject);
      worker.once("exit", (status) => (status === 0 ? resolve(message) : reject(new Error(`the worker ended with ${status}`))));
    });
  assert.deepEqual(await Promise.all([1, 2, 3].map(run)), [
    [0, 1, [3]],
    [0, 1, [3, 3]],
    [0, 1, [3, 3, 3]],
  ]);
  assert.deepEqual(memory(), before);
});
