// Random requests to the workbench's server, with its token and without: odd methods, paths, queries, headers and bodies, whole or
// cut off. It must not end, must tell nothing without the token, and must answer each with a status that says what is wrong.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import sharp from "sharp";
import { serve } from "../../workbench/dist/index.js";
import { faultScript, randomNumbers } from "./fault-script.mjs";

const SECRET = "what nobody may read";
const ALLOWED = new Set([200, 304, 400, 403, 404, 408, 413, 415, 431]);

await faultScript({ short: 1000, full: 10_000 }, async ({ count, seed, folder, trial, note }) => {
  const random = randomNumbers(seed);
  const images = join(folder, "images");
  mkdirSync(images);
  await sharp({ create: { width: 300, height: 300, channels: 3, background: "#c8a0b4" } }).toFile(join(images, "a.png"));
  writeFileSync(join(images, "secret.txt"), SECRET);
  const server = await serve({ path: images, headersTimeout: 1000, requestTimeout: 1000 });
  const { port, searchParams } = new URL(server.address);
  const token = searchParams.get("token");
  const { images: known } = JSON.parse(readFileSync(join(images, "sparsecell/project.json"), "utf8"));
  const statuses = new Map();
  const words = wordsOf(random, { id: known[0].id, token, port });

  for (let i = 0; i < count; i++)
    await trial("random requests: no end, no leak, a status that fits", async () => {
      const request = words.request();
      const answer = await answerTo(Number(port), request.text, request.cut);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const said = () => `${JSON.stringify(request.text.slice(0, 300))} was answered ${JSON.stringify(answer.slice(0, 300))}`;
      if (answer.includes(SECRET) || answer.includes("mtimeMs")) throw new Error(`a leak: ${said()}`);
      if (!request.allowed && status === 200) throw new Error(`without the token: ${said()}`);
      if (!request.cut && !ALLOWED.has(status)) throw new Error(said());
    });
  const authorization = `Bearer ${token}`;
  await trial("it still serves", async () => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/project`, { headers: { authorization } });
    if (response.status !== 200) throw new Error(`status ${response.status}`);
  });
  await server.close();
  note(
    [...statuses]
      .sort()
      .map(([status, times]) => `${times} ${status === 0 ? "without an answer, cut off" : `answered ${status}`}`)
      .join(", "),
  );
});

/** What requests are made of. */
function wordsOf(random, { id, token, port }) {
  const whole = (most) => Math.floor(random() * most);
  const one = (list) => list[whole(list.length)];
  const noise = (most) =>
    String.fromCharCode(...Array.from({ length: whole(most) }, () => 33 + whole(random() < 0.98 ? 94 : 222)));
  const pathPart = () =>
    one([
      "..",
      "%2e%2e",
      "api",
      "v1",
      "images",
      "tiles",
      id,
      "secret.txt",
      "sparsecell",
      "project.json",
      "0",
      "-1",
      "1e9",
      "%00",
      "%",
      "%ff",
      noise(20),
      "rounds",
      "1",
      "pictures",
      "page",
      "dist",
      "vendor",
      "exports",
      "watch",
    ]);
  const known = [
    `/api/v1/images/${id}/tiles/${whole(4)}/${whole(4)}/${whole(4)}.jpg`,
    "/api/v1/project",
    "/api/v1/actions",
    "/api/v1/actions?after=1",
    `/api/v1/images/${id}/marks`,
    "/",
    "/api/v1/queue?round=1",
    "/api/v1/rounds",
    "/api/v1/rounds/1",
  ];
  const value = (depth) =>
    depth > 3 || random() < 0.4
      ? one([0, -1, 1e308, null, true, "", id, "../../etc/passwd", noise(30), "add-cell", [1, 2, 3, 4]])
      : Object.fromEntries(
          Array.from({ length: whole(5) }, () => [
            one(["do", "cell", "id", "image", "box", "client", "actions", "__proto__", "constructor", "to", noise(5)]),
            value(depth + 1),
          ]),
        );
  const body = () =>
    one([
      () => JSON.stringify(value(0)),
      () => JSON.stringify({ client: one(["fuzz", noise(80)]), actions: Array.from({ length: whole(4) }, () => value(1)) }),
      () => noise(2000),
      () => "[".repeat(whole(100_000)),
      () => "",
    ])();
  const request = () => {
    const method = one(["GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE", "PROPFIND"]);
    const path =
      random() < 0.5 ? one(known) : `/${Array.from({ length: whole(7) }, pathPart).join(one(["/", "/", "//", "%2f", "\\"]))}`;
    const allowed = random() < 0.7;
    const given = allowed
      ? one([`Authorization: Bearer ${token}`, `Cookie: sparsecell-${port}=${token}`])
      : one([`Authorization: ${noise(40)}`, "Cookie: a=b", `X-Token: ${token.slice(1)}`]);
    const sent = method === "GET" || method === "HEAD" ? "" : body();
    const lines = [
      `${method} ${path}${random() < 0.2 ? `?${noise(30)}` : ""} HTTP/1.1`,
      `Host: ${random() < 0.9 ? `127.0.0.1:${port}` : noise(30)}`,
      given,
      ...(random() < 0.8 ? ["X-Sparsecell: 1", "Content-Type: application/json"] : [`Content-Type: ${noise(20)}`]),
      ...(random() < 0.1
        ? [`${one(["Origin", "Sec-Fetch-Site", "If-None-Match", "Accept", "Range", "Expect"])}: ${noise(30)}`]
        : []),
      ...(sent === "" ? [] : [`Content-Length: ${Buffer.byteLength(sent, "latin1")}`]),
      "Connection: close",
    ];
    const text = `${lines.join("\r\n")}\r\n\r\n${sent}`;
    const cut = random() < 0.05 && path !== "/api/v1/events";
    return { text: cut ? text.slice(0, whole(text.length)) : text, cut, allowed };
  };
  return { request };
}

/** `cut`: the client goes away. */
function answerTo(port, text, cut) {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(text, "latin1", () => cut && socket.destroy());
    });
    socket.setEncoding("latin1").on("data", (more) => {
      answer += more;
    });
    socket.on("error", () => {}); // its end follows
    socket.on("close", () => resolve(answer));
  });
}
