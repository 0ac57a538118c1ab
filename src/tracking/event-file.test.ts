import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { crc32c } from "../files/crc32c.ts";
import { fieldsOf } from "../files/protobuf-reader.ts";
import { firstRecord, pictureRecord, scalarRecord } from "./event-file.ts";
import { lastSteps, recordsOf } from "./event-reader.ts";

test("the checksum of RFC 3720", () => {
  assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
});

test("the bytes of a record", () => {
  const time = { wallTime: 1.5, step: 300 };
  const event = `09${"000000000000f83f"}10ac02${"2a0d"}${"0a0b"}${"0a046c6f7373"}${"150000003f"}`;
  const record = scalarRecord("loss", 0.5, time);
  assert.equal(record.toString("hex", 0, 8), "1b00000000000000");
  assert.equal(record.toString("hex", 12, record.length - 4), event);
  assert.deepEqual(
    [...recordsOf(record)].map((data) => data.toString("hex")),
    [event],
  );
  const [first] = recordsOf(firstRecord(2));
  assert.deepEqual(
    fieldsOf(first).map(({ value }) => value.toString("latin1" as never)),
    ["\0\0\0\0\0\0\0@", "brain.Event:2"],
  );
});

test("the last step of each curve, from all files; what is cut off or damaged ends its file", () => {
  const dir = mkdtempSync(join(tmpdir(), "events-"));
  const at = (step: number) => ({ wallTime: 1, step });
  writeFileSync(
    join(dir, "events.out.tfevents.1.here.1.0"),
    Buffer.concat([firstRecord(1), scalarRecord("loss", 1, at(1)), scalarRecord("lr", 1, at(1)), scalarRecord("loss", 1, at(2))]),
  );
  const picture = { width: 2, height: 1, bytes: Uint8Array.of(1, 2) };
  const second = join(dir, "events.out.tfevents.2.here.2.0");
  writeFileSync(second, Buffer.concat([firstRecord(2), pictureRecord("window", picture, at(5)), scalarRecord("loss", 1, at(4))]));
  appendFileSync(second, scalarRecord("loss", 1, at(9)).subarray(0, -3));
  writeFileSync(join(dir, "log.jsonl"), "{}");
  assert.deepEqual(
    lastSteps(dir),
    new Map([
      ["loss", 4],
      ["lr", 1],
      ["window", 5],
    ]),
  );
  const damaged = scalarRecord("loss", 1, at(7));
  damaged[20] ^= 1;
  assert.deepEqual([...recordsOf(damaged)], []);
  rmSync(dir, { recursive: true });
});
