// A project of small drawn images, its server, and a browser that has its page open.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { openProject } from "../../workbench/dist/project/open-project.js";
import { patient } from "../../workbench/dist/served.fixture.js";
import { workbenchApp } from "../../workbench/dist/server/app.js";
import { listen } from "../../workbench/dist/server/listen.js";
import { PageFiles } from "../../workbench/dist/server/page-files.js";
import { findBrowser } from "../pages/browser.mjs";
import { numbers } from "./fixture.mjs";

const size = { width: 480, height: 360 };

/** Pale tissue with dark round cells; their centres. */
export async function drawImage(file, seed, count = 24) {
  const random = numbers(seed);
  const cells = [];
  while (cells.length < count) {
    const [x, y] = [20 + random() * (size.width - 40), 20 + random() * (size.height - 40)];
    if (cells.every(([a, b]) => Math.hypot(a - x, b - y) > 28)) cells.push([Math.round(x), Math.round(y)]);
  }
  const circles = cells.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="9" fill="#5b3a8c" stroke="#2b1d4d" stroke-width="2"/>`);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}"><rect width="100%" height="100%" fill="#f0dfe8"/>${circles.join("")}</svg>`;
  await sharp(Buffer.from(svg)).png().toFile(file);
  return cells;
}

/**
 * A folder of drawn images and what serves it; all of it goes when the test ends. `training`: options of every training; `change` may
 * do something to the folder before.
 */
export async function openedProject(t, count = 4, training = [], change = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), "sparsecell-page-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "images"));
  const cells = [];
  for (let i = 0; i < count; i++) cells.push(await drawImage(join(folder, `images/tissue-${i + 1}.png`), 11 + i));
  change(join(folder, "images"));
  const project = await openProject({ path: join(folder, "images"), folder: join(folder, "project") });
  const page = new PageFiles("index.html");
  const { app, rounds } = workbenchApp(project, page, training);
  const { address, close } = await listen(app, { ...patient, host: "127.0.0.1", port: 0, scriptHashes: page.scriptHashes });
  t.after(async () => {
    await close();
    await rounds.close();
    project.close();
  });
  const { origin, searchParams } = new URL(address);
  const headers = { authorization: `Bearer ${searchParams.get("token")}`, connection: "close" };
  return {
    folder,
    cells,
    address,
    /** What the server has on its disk. */
    get: async (path) => (await fetch(`${origin}/api/v1${path}`, { headers })).json(),
  };
}

export const startChromium = (executablePath) =>
  chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });

/** One browser for the tests of a file; `options` skip a test where there is none. */
export function browserOfTests() {
  const executable = findBrowser();
  let browser;
  before(async () => {
    if (executable) browser = await startChromium(executable);
  });
  after(() => browser?.close());
  return { options: { skip: !executable && "no Chromium or Chrome on the PATH" }, browser: () => browser };
}

/** The page, once its first image can be seen. `errors` are what its console shows. */
export async function openPage(t, browser, address, { width = 1280, height = 800, dark = false, before = async () => {} } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light" });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    const cutOff = message.text().includes("ERR_INCOMPLETE_CHUNKED_ENCODING"); // events of a busy machine: the browser connects again
    if (message.type() === "error" && !cutOff) errors.push(message.text());
  });
  t.after(async () => {
    await page.unrouteAll({ behavior: "ignoreErrors" }); // what it still asks for when a test ends
    await context.close();
  });
  await before(page);
  await page.goto(address);
  await ready(page);
  return { page, context, errors };
}

const stage = "/page/dist/page/src/viewer/stage.js";

/** When the viewer shows its image, and is at rest. */
export const ready = (page) =>
  page.waitForFunction(async (address) => {
    const { mainStage } = await import(address);
    const shown = mainStage();
    const at = () => JSON.stringify(shown?.view());
    const before = at();
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return (
      before !== undefined &&
      before !== "null" &&
      before === at() &&
      shown.osd.viewport.getZoom(true) === shown.osd.viewport.getZoom(false)
    );
  }, stage);

/** Where on the page a place of the image is. */
export async function onPage(page, [x, y]) {
  return page.evaluate(
    async ([address, x, y]) => {
      const { mainStage } = await import(address);
      const { osd } = mainStage();
      const view = mainStage().view();
      const { left, top } = osd.canvas.getBoundingClientRect();
      return [left + ((x - view.x) * view.scale) / view.ratio, top + ((y - view.y) * view.scale) / view.ratio];
    },
    [stage, x, y],
  );
}

/** When the server has every action. */
export const saved = (page) => page.waitForFunction(() => document.querySelector(".status .saved")?.textContent === "Saved");
