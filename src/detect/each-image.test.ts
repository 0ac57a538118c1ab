import assert from "node:assert/strict";
import { test } from "node:test";
import type { Detector } from "../detector/detector.ts";
import { UserError } from "../errors.ts";
import { detectEach, type EachOptions } from "./each-image.ts";
import { asWhole } from "./view.ts";

const nothing = {
  boxes: new Float32Array(),
  scores: new Float32Array(),
  labels: new Int32Array(),
  capped: false,
  proposalsCapped: false,
};
const detector = { detect: () => [nothing], config: { input: { kind: "stretch", size: 8 } } } as unknown as Detector;
const read = async (name: string) => {
  if (name === "bad") throw new UserError("bad: cannot be decoded");
  return { width: 8, height: 6, data: new Uint8Array(3 * 48) };
};

async function sources(names: string[], options: EachOptions<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const { source } of detectEach(detector, names, read, options)) found.push(source);
  return found;
}

test("an image that cannot be read ends the detection, or is left out and named", async () => {
  await assert.rejects(sources(["a", "bad", "b"], {}), /bad: cannot be decoded/);
  const faults: string[] = [];
  const onUnreadable = (name: string, { message }: UserError) => faults.push(`${name}: ${message}`);
  assert.deepEqual(await sources(["bad", "a", "bad", "b"], { onUnreadable }), ["a", "b"]);
  assert.deepEqual(faults, ["bad: bad: cannot be decoded", "bad: bad: cannot be decoded"]);
});

test("its view is asked for each image", async () => {
  const asked: string[] = [];
  const viewOf = (name: string, image: { width: number; height: number }) => {
    asked.push(`${name} ${image.width}`);
    return asWhole(image);
  };
  await sources(["a", "b"], { viewOf });
  assert.deepEqual(asked, ["a 8", "b 8"]);
});
