// From servers on this machine: whole files, redirects and proxies; and all that servers do wrong.

import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { after, before, test } from "node:test";
import { UserError } from "../errors.ts";
import { download } from "./download.ts";

const variables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
before(() => {
  for (const name of [...variables, "SPARSECELL_OFFLINE"]) delete process.env[name];
});

const file = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));

const servers = new Set<ReturnType<typeof createServer>>();
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** The server's address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function refused(listener: RequestListener, message: RegExp, patience = 60): Promise<void> {
  const address = `${await serve(listener)}/a.pth`;
  await assert.rejects(download(address, { patience }), (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.ok(error.message.startsWith(`${address}: `), error.message);
    assert.match(error.message.slice(address.length + 2), message);
    return true;
  });
}

const whole: RequestListener = (_, response) => response.writeHead(200, { "content-length": file.length }).end(file);

test("a whole file, with progress and its total", async () => {
  const seen: (number | null)[][] = [];
  const bytes = await download(await serve(whole), { patience: 60, onProgress: (...now) => seen.push(now) });
  assert.ok(bytes.equals(file));
  assert.deepEqual(seen.at(-1), [file.length, file.length]);
});

test("a file whose length the server does not say", async () => {
  const address = await serve((_, response) => response.write(file, () => response.end(file)));
  assert.deepEqual(await download(address, { patience: 60 }), Buffer.concat([file, file]));
});

test("redirects are followed, to another server too", async () => {
  const there = await serve(whole);
  const here = await serve(({ url }, response) =>
    response.writeHead(302, { location: url === "/a" ? "/b" : `${there}/c` }).end("moved"),
  );
  assert.ok((await download(`${here}/a`, { patience: 60 })).equals(file));
});

test("a slow server that goes on is waited for", async () => {
  const address = await serve((_, response) => {
    let sent = 0;
    const more = () => {
      response.write(file.subarray(sent, (sent += 80_000)));
      if (sent < file.length) setTimeout(more, 2_200);
      else response.end();
    };
    more();
  });
  assert.ok((await download(address, { patience: 8 })).equals(file)); // the pauses are longer than the patience together
});

test("a server that does not answer, stalls, trickles, or cuts the file off", async () => {
  const patience = 8; // a busy machine may take seconds for the first bytes
  const stalling: RequestListener = (_, response) => response.writeHead(200, { "content-length": 9 }).write("abc");
  const trickling: RequestListener = (_, response) => {
    const trickle = setInterval(() => response.write("a"), 20);
    response.on("close", () => clearInterval(trickle));
  };
  await Promise.all([
    refused(() => {}, /^no answer within 8 s$/, patience),
    refused(stalling, /^the download stalled for 8 s after 3 bytes$/, patience),
    refused(trickling, /^the download stalled for 8 s after \d+ bytes$/, patience),
  ]);
  await refused(
    (_, response) => response.writeHead(200, { "content-length": 9 }).write("abc", () => response.destroy()),
    /^the download was cut off after [03] bytes$/,
  );
  await refused((_, response) => response.destroy(), /^the connection was closed$/);
});

test("answers that are not the file", async () => {
  await refused((_, response) => response.writeHead(404).end("nothing here"), /^the server answered 404 Not Found$/);
  await refused((_, response) => response.writeHead(503).end(), /^the server answered 503 Service Unavailable$/);
  await refused(
    (_, response) => response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<p>Log in"),
    /^the answer is a web page, not a file;/,
  );
  await refused(({ url }, response) => response.writeHead(302, { location: url }).end(), /redirect count exceeded/);
});

test("nobody listens", async () => {
  const address = await serve(whole);
  for (const server of servers)
    if (address.endsWith(`:${(server.address() as AddressInfo)?.port}`)) await new Promise((done) => server.close(done));
  await assert.rejects(download(address, { patience: 60 }), /^UserError: .*: the connection was refused$/);
});

test("a download that is stopped", async () => {
  const stopping = new AbortController();
  const address = await serve((_, response) => response.write(file, () => stopping.abort()));
  await assert.rejects(download(address, { patience: 60, signal: stopping.signal }), /: the download was stopped$/);
});

test("SPARSECELL_OFFLINE fetches nothing", async () => {
  let asked = 0;
  const address = await serve((request, response) => {
    asked++;
    whole(request, response);
  });
  process.env.SPARSECELL_OFFLINE = "1";
  await assert.rejects(download(address, { patience: 60 }), /not fetched, because SPARSECELL_OFFLINE is set$/);
  process.env.SPARSECELL_OFFLINE = "0";
  await download(address, { patience: 60 });
  assert.equal(asked, 1);
});

test("a proxy is used, except for the hosts of NO_PROXY", async () => {
  const target = await serve(whole);
  let used = 0;
  const proxy = await serve(({ url = "" }, response) => {
    used++;
    response.writeHead(200, { "x-from": url }).end(file);
  });
  for (const server of servers)
    server.on("connect", ({ url = "" }, client, head) => {
      used++;
      const [host, port] = url.split(":");
      const onward = connect(Number(port), host, () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        onward.write(head);
        onward.pipe(client).pipe(onward);
      });
      for (const end of [onward, client]) end.on("error", () => {});
    });
  process.env.HTTP_PROXY = proxy;
  try {
    assert.ok((await download(target, { patience: 60 })).equals(file));
    assert.equal(used, 1);
    process.env.NO_PROXY = "127.0.0.1";
    assert.ok((await download(target, { patience: 60 })).equals(file));
    assert.equal(used, 1);
    process.env.HTTP_PROXY = "proxy.example.org:notaport";
    await assert.rejects(
      download(target, { patience: 60 }),
      /^UserError: HTTPS_PROXY or HTTP_PROXY: not the address of a proxy: /,
    );
  } finally {
    for (const name of variables) delete process.env[name];
  }
});
