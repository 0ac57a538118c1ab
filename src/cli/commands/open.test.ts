// `open` in processes of its own: the line on stdout, how it ends, one server a project. What it serves is tested in workbench/.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { refuse, sparsecell, start } from "../cli.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "cli-open-"));
after(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, "images"));
await sharp({ create: { width: 64, height: 48, channels: 3, background: "#c8a0b4" } }).toFile(join(root, "images/a.png"));

test("prints its address, serves, is alone in its project, and ends with Ctrl-C", async () => {
  let printed = "";
  const { child, finished } = start(root, ["open", "images", "--no-browser"], () => {});
  const address = await new Promise<string>((resolve) =>
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      printed += text;
      if (printed.includes("\n")) resolve(printed.trim());
    }),
  );
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
  const { origin, searchParams } = new URL(address);
  const project = await fetch(`${origin}/api/v1/project`, { headers: { authorization: `Bearer ${searchParams.get("token")}` } });
  assert.equal(((await project.json()) as { images: unknown[] }).images.length, 1);

  const second = sparsecell(root, "open", "images", "--no-browser");
  assert.equal(second.status, 1);
  assert.match(
    second.stderr,
    /^sparsecell: images.sparsecell: `sparsecell open images --no-browser` is at work in it \(process \d+\); wait until/,
  );
  const port = sparsecell(root, "open", "images", "--no-browser", "--project", "other", "--port", new URL(address).port);
  assert.match(port.stderr, /^sparsecell: port \d+ is in use; choose another --port/);

  child.kill("SIGINT");
  const { status, lines } = await finished;
  assert.deepEqual([status, lines], [0, ["closing the page; repeat to stop at once"]]);
  assert.ok(existsSync(join(root, "images/sparsecell/project.json")) && !existsSync(join(root, "images/sparsecell/lock")));
});

test("what cannot be opened is refused in one line", () => {
  refuse(
    root,
    [["open", "nothing", "--no-browser"], /^nothing: no such file or folder/],
    [["open", "images", "--port", "70000"], /--port/],
    [["open", "images", "--no-browser", "--host", "192.0.2.1"], /^cannot listen on 192\.0\.2\.1/],
    [["open"], /missing required argument 'path'/],
  );
});
