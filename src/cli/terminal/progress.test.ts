import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createProgress } from "./progress.ts";

/** A stream that remembers what was written, with a clock that moves only when told. */
function recorder({ isTTY = false, columns = 80 } = {}) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  const time = { now: 0 };
  return { stream, written, time, clock: () => time.now, text: () => written.join("") };
}

/** What a terminal shows after `text`: the finished lines and the line that the cursor is on. */
function screen(text: string): string[] {
  return text.split("\n").map((line) => line.split("\r\x1b[K").at(-1) ?? "");
}

test("a terminal shows one line with bar, count, fields, speed and time left", () => {
  const { stream, time, clock, text } = recorder({ isTTY: true, columns: 100 });
  const progress = createProgress({ label: "train", total: 400, stream, clock });
  for (let step = 0; step <= 100; step++, time.now += 500) progress.update(step, { loss: (2 - step / 100).toFixed(2) });
  const lines = screen(text());
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^train {2}━{10}─{30} {2}100\/400 {2}loss 1\.00 {2}2\.0 steps\/s {2}2:30 left$/);
});

test("redrawing is throttled, but the last step is always drawn", () => {
  const { stream, written, time, clock, text } = recorder({ isTTY: true });
  const progress = createProgress({ label: "train", total: 10_000, stream, clock });
  for (let step = 1; step <= 10_000; step++, time.now += 0.1) progress.update(step);
  assert.ok(written.length >= 9 && written.length <= 12, `${written.length} drawings in a second`);
  assert.match(screen(text())[0], /10000\/10000/);
});

test("slow steps are told in seconds a step, long times in hours", () => {
  const { stream, time, clock, text } = recorder({ isTTY: true });
  const progress = createProgress({ label: "train", total: 1000, stream, clock });
  for (let step = 0; step <= 10; step++, time.now += 6600) progress.update(step);
  assert.match(screen(text())[0], /6\.60 s\/step {2}1:48:54 left$/);
});

test("another unit is used for count and speed", () => {
  const { stream, time, clock, text } = recorder({ isTTY: true });
  const progress = createProgress({ label: "predict", total: 9, unit: "image", stream, clock });
  progress.update(0);
  time.now = 2000;
  progress.update(8);
  assert.match(screen(text())[0], /4\.0 images\/s {2}0:00 left$/);
  progress.finish();
  assert.equal(screen(text())[0], "predict: 8 of 9 images in 0:02");
});

test("a slow first step and a long pause leave the estimate again", () => {
  const { stream, time, clock, text } = recorder({ isTTY: true });
  const progress = createProgress({ label: "train", total: 1000, stream, clock });
  time.now = 60_000; // reading the data and the first step
  progress.update(1);
  const steps = (from: number, to: number) => {
    for (let step = from; step <= to; step++) {
      time.now += 1000;
      progress.update(step);
    }
  };
  steps(2, 3);
  assert.match(screen(text())[0], /1\.0 steps\/s {2}16:37 left$/);
  time.now += 300_000;
  steps(4, 40);
  assert.match(screen(text())[0], /1\.0 steps\/s {2}16:00 left$/);
});

test("log prints above the bar, finish replaces it", () => {
  const { stream, clock, text } = recorder({ isTTY: true });
  const progress = createProgress({ label: "train", total: 4, stream, clock });
  progress.log("before");
  assert.equal(text(), "\r\x1b[Kbefore\n");
  progress.update(1);
  progress.log("checkpoint written");
  assert.deepEqual(screen(text()).slice(0, 2), ["before", "checkpoint written"]);
  assert.match(screen(text())[2], /^train .* 1\/4$/);
  progress.finish("trained in 3 s");
  progress.finish("again");
  progress.update(2);
  progress.log("after");
  assert.deepEqual(screen(text()), ["before", "checkpoint written", "trained in 3 s", "after", ""]);
});

test("without a terminal: plain lines at every tenth, at least a second and at most 30 seconds apart", () => {
  const run = (total: number, stepMs: number, steps = total) => {
    const { stream, time, clock, text } = recorder();
    const progress = createProgress({ label: "train", total, stream, clock });
    for (let step = 1; step <= steps; step++, time.now += stepMs) progress.update(step, { loss: "0.50" });
    assert.doesNotMatch(text().replaceAll("\n", ""), /\p{Cc}/u);
    return text().trimEnd().split("\n");
  };
  const tenths = run(100, 200);
  assert.deepEqual(
    tenths.map((line) => line.split("  ")[0]),
    [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((n) => `train ${n}/100 (${n} %)`),
  );
  assert.equal(tenths[5], "train 50/100 (50 %)  loss 0.50  5.0 steps/s  0:10 left");
  assert.deepEqual(
    run(1000, 0.1).map((line) => line.split("  ")[0]),
    ["train 1/1000 (0 %)", "train 1000/1000 (100 %)"],
  );
  assert.equal(run(1_000_000, 1000, 301).length, 11);
});

test("a terminal that cannot erase a line counts as none", () => {
  const term = process.env.TERM;
  process.env.TERM = "dumb";
  try {
    const { stream, clock, text } = recorder({ isTTY: true });
    createProgress({ label: "train", total: 2, stream, clock }).update(1);
    assert.equal(text(), "train 1/2 (50 %)\n");
  } finally {
    if (term === undefined) delete process.env.TERM;
    else process.env.TERM = term;
  }
});

test("the line never exceeds the terminal and never holds a control character; the count stays as long as it fits", () => {
  fc.assert(
    fc.property(
      fc.record({
        columns: fc.integer({ min: 1, max: 200 }),
        label: fc.string({ unit: "binary", maxLength: 60 }),
        total: fc.nat(1e6),
      }),
      fc.array(fc.tuple(fc.nat(1e6), fc.nat(1e5), fc.string({ unit: "binary", maxLength: 30 })), { maxLength: 20 }),
      ({ columns, label, total }, updates) => {
        const { stream, written, time, clock } = recorder({ isTTY: true, columns });
        const progress = createProgress({ label, total, stream, clock });
        for (const [done, wait, value] of updates) {
          time.now += wait;
          progress.update(done, { loss: value, best: "0.123" });
        }
        for (const drawing of written) {
          const line = drawing.slice("\r\x1b[K".length);
          assert.ok([...line].length < columns, `${[...line].length} characters in ${columns} columns: ${line}`);
          assert.doesNotMatch(line, /\p{Cc}|NaN|Infinity|undefined/u);
          if (columns > 20) assert.ok(line.includes(`/${total}`));
        }
      },
    ),
  );
});

test("what does not fit goes first bar, then speed, then fields, then label", () => {
  const at = (columns: number) => {
    const { stream, time, clock, text } = recorder({ isTTY: true, columns });
    const progress = createProgress({ label: "train", total: 400, stream, clock });
    progress.update(0);
    time.now = 50_000;
    progress.update(100, { loss: "1.00", rate: "0.001" });
    return screen(text())[0];
  };
  assert.equal(at(62), "train  100/400  loss 1.00  rate 0.001  2.0 steps/s  2:30 left");
  assert.equal(at(61), "train  100/400  loss 1.00  rate 0.001  2:30 left");
  assert.equal(at(40), "train  100/400  loss 1.00  2:30 left");
  assert.equal(at(30), "train  100/400  2:30 left");
  assert.equal(at(20), "100/400  2:30 left");
  assert.equal(at(10), "100/400");
});
