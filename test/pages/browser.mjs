// A browser without a window, driven over a pipe by the Chrome DevTools Protocol (https://chromedevtools.github.io/devtools-protocol).

import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** The path of a Chromium or Chrome, or null. */
export function findBrowser(env = process.env) {
  for (const folder of (env.PATH ?? "").split(delimiter).filter(Boolean))
    for (const name of ["chromium", "chromium-browser", "google-chrome"])
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {}
  return null;
}

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-pipe",
];

/** Starts it; `send` calls a method of a session, `on` hears its events. */
export async function startBrowser(path) {
  const profile = mkdtempSync(join(tmpdir(), "browser-"));
  const child = spawn(path, [...FLAGS, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    detached: true,
  });
  const [, , stderr, toBrowser, fromBrowser] = child.stdio;
  const waiting = new Map();
  const listeners = new Set();
  let [count, received, errors] = [0, "", ""];
  stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-2000);
  });
  fromBrowser.setEncoding("utf8").on("data", (text) => {
    const messages = (received + text).split("\0");
    received = messages.pop();
    for (const message of messages.map((line) => JSON.parse(line))) {
      const { resolve, reject } = waiting.get(message.id) ?? {};
      waiting.delete(message.id);
      if (message.error) reject?.(new Error(message.error.message));
      else if (message.id) resolve?.(message.result);
      else for (const listener of listeners) listener(message);
    }
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`the browser ended: ${errors}`));
  });
  toBrowser.on("error", () => {}); // the end of the browser says it

  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      waiting.set(++count, { resolve, reject });
      toBrowser.write(`${JSON.stringify({ id: count, method, params, sessionId })}\0`);
    });
  return {
    send,
    on: (listener) => listeners.add(listener),
    async close() {
      await send("Browser.close").catch(() => {});
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Opens a file in a new tab of a width; `evaluate` runs a function in it, `errors` are what its console shows. */
export async function openPage(browser, url, { width, dark = false }) {
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const errors = [];
  const loaded = new Promise((resolve) =>
    browser.on(({ sessionId: from, method, params }) => {
      if (from !== sessionId) return;
      if (method === "Page.loadEventFired") resolve();
      if (method === "Runtime.exceptionThrown") errors.push(params.exceptionDetails.text);
      if (method === "Runtime.consoleAPICalled") errors.push(`console.${params.type}`);
      if (method === "Log.entryAdded") errors.push(params.entry.text);
    }),
  );
  for (const domain of ["Page", "Runtime", "Log"]) await send(`${domain}.enable`);
  await send("Emulation.setDeviceMetricsOverride", { width, height: 800, deviceScaleFactor: 1, mobile: false });
  await send("Emulation.setEmulatedMedia", {
    features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
  });
  await send("Page.navigate", { url });
  await loaded;
  return {
    errors,
    async evaluate(work) {
      const { result, exceptionDetails } = await send("Runtime.evaluate", { expression: `(${work})()`, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    close: () => browser.send("Target.closeTarget", { targetId }),
  };
}
