// Attacks on the server: paths that lead out of it, other names and other sites, no token, too much, too slow.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bytesTo, imageFolder, served, statusOf } from "../served.fixture.ts";

const SECRET = "what nobody may read";

const UP = [
  "../",
  "..%2f",
  "..%2F",
  "%2e%2e/",
  "%2e%2e%2f",
  "%2E%2E%2F",
  ".%2e/",
  "%2e./",
  "..%5c",
  "..\\",
  "%2e%2e%5c",
  "..%252f",
  "%252e%252e%252f",
  "..%c0%af",
  "%c0%ae%c0%ae/",
  "..%c1%9c",
  "..%e0%80%af",
  "%uff0e%uff0e/",
  "..%u2215",
  "..;/",
  "..%00/",
  "..%0d%0a/",
  "....//",
  "...//",
  "..%2f%2e%2e%2f",
  "./../",
  ".//..//",
  "..%09/",
  "%ef%bc%8e%ef%bc%8e/",
  "..%ef%bc%8f",
];

test("30 encodings of a path that leads out of the project reach no file", async (t) => {
  const folder = await imageFolder(t);
  writeFileSync(join(folder, "../secret.txt"), SECRET);
  writeFileSync(join(folder, "sparsecell-secret.txt"), SECRET);
  const { port, token, project } = await served(t, { path: folder });
  const { id } = (await project()).images[0];
  assert.equal(new Set(UP).size, 30);
  const starts = [
    "/",
    "/page/",
    "/vendor/",
    "/api/v1/",
    `/api/v1/images/${id}/`,
    `/api/v1/images/${id}/tiles/`,
    "/api/v1/exports/",
  ];
  for (const up of UP)
    for (const start of starts)
      for (const target of ["secret.txt", "sparsecell/project.json"]) {
        const path = `${start}${up.repeat(4)}${target}`;
        const answer = await bytesTo(
          port,
          `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
        );
        assert.ok([400, 404].includes(statusOf(answer)), `${path}: ${answer.slice(0, 200)}`);
        assert.ok(!answer.includes(SECRET) && !answer.includes("mtimeMs"), path);
      }
});

const ask = (port: number, method: string, path: string, ...headers: string[]): Promise<string> =>
  bytesTo(port, `${[`${method} ${path} HTTP/1.1`, ...headers, "Connection: close"].join("\r\n")}\r\n\r\n`);

test("10 names of other hosts are refused, with the token", async (t) => {
  const { port, token } = await served(t, { path: await imageFolder(t) });
  const authorization = `Authorization: Bearer ${token}`;
  const names = [
    "evil.example",
    `evil.example:${port}`,
    `127.0.0.1.evil.example:${port}`,
    `localhost.evil.example:${port}`,
    "127.0.0.1",
    `127.0.0.1:${port + 1}`,
    `127.0.0.2:${port}`,
    `0.0.0.0:${port}`,
    `evil@127.0.0.1:${port}`,
    `127.0.0.1:${port}, evil.example`,
  ];
  for (const name of names) {
    const answer = await ask(port, "GET", "/api/v1/project", `Host: ${name}`, authorization);
    assert.ok([400, 403].includes(statusOf(answer)), `${name}: ${answer.slice(0, 100)}`);
    assert.ok(!answer.includes("images"));
  }
  assert.equal(statusOf(await ask(port, "GET", "/api/v1/project", authorization)), 400, "a request without a host");
  const twice = await ask(port, "GET", "/api/v1/project", `Host: 127.0.0.1:${port}`, "Host: evil.example", authorization);
  assert.ok([400, 403].includes(statusOf(twice)) || !twice.includes("evil"), "two hosts");
  const absolute = await ask(port, "GET", "http://evil.example/api/v1/project", `Host: 127.0.0.1:${port}`, authorization);
  assert.equal(statusOf(absolute), 400, "an absolute address");
  for (const name of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`])
    assert.equal(statusOf(await ask(port, "GET", "/api/v1/project", `Host: ${name}`, authorization)), 200, name);
});

test("10 other origins are refused, with the token", async (t) => {
  const { port, token } = await served(t, { path: await imageFolder(t) });
  const headers = [`Host: 127.0.0.1:${port}`, `Authorization: Bearer ${token}`];
  const origins = [
    "null",
    "",
    "http://evil.example",
    `http://evil.example:${port}`,
    `https://127.0.0.1:${port}`,
    "http://127.0.0.1",
    `http://127.0.0.1:${port + 1}`,
    `http://127.0.0.1:${port}.evil.example`,
    `http://127.0.0.1:${port}@evil.example`,
    "file://",
  ];
  for (const origin of origins) {
    const answer = await ask(port, "GET", "/api/v1/project", ...headers, `Origin: ${origin}`);
    assert.equal(statusOf(answer), 403, `${origin}: ${answer.slice(0, 100)}`);
    assert.ok(!/access-control-allow/i.test(answer), "no site is allowed to read");
  }
  assert.equal(statusOf(await ask(port, "GET", "/api/v1/project", ...headers, `Origin: http://localhost:${port}`)), 200);
});

test("what a page of another site makes a browser send is refused, with the cookie", async (t) => {
  const { port, token, project } = await served(t, { path: await imageFolder(t) });
  const cookie = [`Host: 127.0.0.1:${port}`, `Cookie: other=1; sparsecell-${port}=${token}`];
  const body = JSON.stringify({
    client: "evil",
    actions: [{ do: "set-state", image: (await project()).images[0].id, state: "test" }],
  });
  const post = (...headers: string[]) => [
    "POST /api/v1/actions HTTP/1.1",
    ...cookie,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    ...headers,
  ];
  const requests: [number, string[], string][] = [
    [403, ["GET /api/v1/project HTTP/1.1", ...cookie, "Sec-Fetch-Site: cross-site", "Connection: close"], ""], // <img>, a link
    [403, ["GET /api/v1/project HTTP/1.1", ...cookie, "Sec-Fetch-Site: same-site", "Connection: close"], ""], // another port
    [403, post("Content-Type: text/plain", "Sec-Fetch-Site: cross-site"), body], // a form
    [403, post("Content-Type: text/plain", "Origin: http://evil.example"), body], // fetch without a question before
    [403, post("Content-Type: application/json"), body], // an old browser: the header cannot be sent
    [415, post("Content-Type: application/x-www-form-urlencoded", "X-Sparsecell: 1"), body],
    [415, post("Content-Type: multipart/form-data; boundary=application/json", "X-Sparsecell: 1"), body],
    [403, ["OPTIONS /api/v1/actions HTTP/1.1", ...cookie, "Origin: http://evil.example", "Connection: close"], ""],
    [200, post("Content-Type: application/json", "X-Sparsecell: 1", "Sec-Fetch-Site: same-origin"), body],
  ];
  for (const [status, lines, sent] of requests) {
    const answer = await bytesTo(port, `${lines.join("\r\n")}\r\n\r\n${sent}`);
    assert.equal(statusOf(answer), status, `${lines.join(" | ")}: ${answer}`);
    assert.ok(!/access-control-allow/i.test(answer));
  }
  assert.equal((await project()).lastAction, 1, "only the last one did anything");
});

test("nothing is answered without the token, nor with a wrong one", async (t) => {
  const { port, token, get, root, served: server } = await served(t, { path: await imageFolder(t) });
  const host = `Host: 127.0.0.1:${port}`;
  const other = token.slice(0, -1) + (token.endsWith("A") ? "B" : "A");
  const wrong = [
    [],
    [`Authorization: Bearer ${other}`],
    ["Authorization: Bearer "],
    [`Authorization: Basic ${token}`],
    [`Authorization: Bearer ${token}x`],
    [`Authorization: Bearer ${token.slice(0, 20)}`],
    [`Cookie: sparsecell-${port}=${other}`],
    [`Cookie: sparsecell-1=${token}`],
    [`Cookie: sparsecell-${port}=`],
    [`Cookie: ${"sparsecell=1; ".repeat(500)}`],
  ];
  const paths = [
    "/",
    "/api/v1/project",
    "/api/v1/events",
    "/page/dist/page/src/main.js",
    `/?token=${other}`,
    "/?token=",
    "/nothing",
  ];
  for (const headers of wrong)
    for (const path of paths) {
      const answer = await ask(port, "GET", path, host, ...headers);
      assert.equal(statusOf(answer), 403, `${path} ${headers}`);
      assert.ok(!answer.includes(token));
    }
  assert.equal(statusOf(await ask(port, "GET", `/api/v1/project?token=${token}`, host)), 403, "the token is taken from / alone");

  const welcomed = await fetch(`${root}/?token=${token}`, { redirect: "manual" });
  assert.equal(welcomed.status, 302);
  assert.equal(welcomed.headers.get("location"), "/");
  const cookie = welcomed.headers.get("set-cookie") ?? "";
  assert.match(cookie, /; HttpOnly; SameSite=Strict; Path=\/$/);
  const withCookie = await fetch(`${root}/api/v1/project`, { headers: { cookie: cookie.split(";")[0] } });
  assert.equal(withCookie.status, 200);
  assert.ok(!(await withCookie.text()).includes(token));
  assert.equal((await get("/api/v1/project")).status, 200);

  const once = server.addressOnce();
  const given = new URL(once).searchParams.get("token");
  assert.equal(
    statusOf(await ask(port, "GET", "/api/v1/project", host, `Authorization: Bearer ${given}`)),
    403,
    "it opens the page alone",
  );
  const opened = await fetch(once, { redirect: "manual" });
  assert.deepEqual([opened.status, opened.headers.get("set-cookie")], [302, cookie]);
  assert.equal((await fetch(once, { redirect: "manual" })).status, 403, "and once");
});

test("on all interfaces the token stays on, and so does the list of hosts", async (t) => {
  const { port, token } = await served(t, { path: await imageFolder(t), host: "0.0.0.0" });
  const authorization = `Authorization: Bearer ${token}`;
  for (const [status, ...headers] of [
    [403, `Host: 127.0.0.1:${port}`],
    [403, `Host: evil.example:${port}`, authorization],
    [200, `Host: 127.0.0.1:${port}`, authorization],
    [200, `Host: ${hostname()}:${port}`, authorization],
  ] as const)
    assert.equal(statusOf(await ask(port, "GET", "/api/v1/project", ...headers)), status, headers.join());
});

test("every answer says what a browser may not do with it", async (t) => {
  const { root, get } = await served(t, { path: await imageFolder(t) });
  for (const response of [await get("/api/v1/project"), await get("/nothing"), await fetch(`${root}/`)]) {
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'; script-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'; base-uri 'none'; form-action 'none'$/);
    assert.doesNotMatch(policy, /unsafe-eval|script-src[^;]*unsafe-inline|\*/);
    const expected = {
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(response.headers.get(name), value);
    await response.text();
  }
});

test("bodies of 100 MB are refused, whether or not they say so", async (t) => {
  const { port, token, project } = await served(t, { path: await imageFolder(t) });
  const head = [
    "POST /api/v1/actions HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    "X-Sparsecell: 1",
    "Connection: close",
  ];
  const piece = Buffer.alloc(1_000_000, "[");
  const before = process.memoryUsage.rss();
  const known = await bytesTo(port, `${head.join("\r\n")}\r\nContent-Length: 100000000\r\n\r\n`, ...Array(100).fill(piece));
  assert.equal(statusOf(known), 413, known);
  const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]);
  const chunked = await bytesTo(
    port,
    `${head.join("\r\n")}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ...Array(100).fill(chunk),
    "0\r\n\r\n",
  );
  assert.equal(statusOf(chunked), 413, chunked);
  assert.equal(statusOf(await ask(port, "GET", "/", `Host: 127.0.0.1:${port}`, `X-Long: ${"x".repeat(100_000)}`)), 431);
  assert.ok(process.memoryUsage.rss() - before < 400_000_000, "it is not kept");
  assert.equal((await project()).lastAction, 0);
});

test("slow clients are cut off, and the others are served meanwhile", async (t) => {
  const { port, token, project } = await served(t, { path: await imageFolder(t), headersTimeout: 300, requestTimeout: 600 });
  const slowHead = bytesTo(port, `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`);
  const slowBody = bytesTo(
    port,
    `POST /api/v1/actions HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nX-Sparsecell: 1\r\nContent-Length: 1000\r\n\r\n{`,
  );
  assert.equal((await project()).lastAction, 0);
  assert.equal(statusOf(await slowHead), 408);
  assert.equal(statusOf(await slowBody), 408);
  assert.equal((await project()).lastAction, 0);
});
