// The pictures of the page in docs/how-to/pictures/, of drawn tissue, marked by one who knows where its cells are.
//
//   node test/workbench/pictures.mjs        4 min on 2 cores; needs Chromium
//
// A picture of each: a first training's cells (mark), its sheet of suspects (sheet), and a question of the second round (answer).

import { spawn } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { synthesizeDataset } from "../../dist/data/synthetic/synthetic.js";
import { iou } from "../../dist/geometry/box.js";
import { findBrowser } from "../pages/browser.mjs";
import { ready, startChromium } from "./opened.mjs";

const program = fileURLToPath(new URL("../../bin/sparsecell.js", import.meta.url));
const pictures = fileURLToPath(new URL("../../docs/how-to/pictures/", import.meta.url));
const executable = findBrowser();
if (!executable) throw new Error("no Chromium or Chrome on the PATH");

const root = mkdtempSync(join(tmpdir(), "sparsecell-pictures-"));
const drawn = join(root, "drawn");
const truth = await synthesizeDataset({ kind: "ki67", images: 6, width: 640, height: 512, seed: 4, dir: drawn });
const tissue = join(root, "tissue");
renameSync(join(drawn, "images"), tissue);

const words = ["open", tissue, "--project", join(root, "project"), "--no-browser"];
const server = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "inherit"] });
const address = await new Promise((resolve, reject) => {
  server.stdout.once("data", (text) => resolve(String(text).trim()));
  server.once("exit", (code) => reject(new Error(`the server ended with code ${code}`)));
});
const browser = await startChromium(executable).catch((error) => {
  server.kill("SIGINT");
  throw error;
});
const { origin, searchParams } = new URL(address);
const headers = { authorization: `Bearer ${searchParams.get("token")}`, "content-type": "application/json", "x-sparsecell": "1" };
const api = async (path, body) => {
  const response = await fetch(`${origin}/api/v1${path}`, {
    headers,
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
};

try {
  const { images, classes } = await api("/project");
  const cellsOn = (image) => {
    const { id } = truth.images.find(({ fileName }) => fileName === image.name);
    return truth.annotations.filter(({ imageId }) => imageId === id).map(({ box }) => box);
  };
  const act = (actions) => api("/actions", { client: "pictures", actions });
  await act(images.map(({ id }) => ({ do: "set-mpp", image: id, mpp: 0.5 })));
  for (const image of images.slice(0, 3))
    await act(
      cellsOn(image)
        .slice(4, 8)
        .map((box, i) => ({
          do: "add-cell",
          cell: { id: `${image.id}${i}`.slice(-40), image: image.id, box, point: true, classId: classes[0].id, from: "mark" },
        })),
    );
  /** Whether a suspect's middle is a cell's. */
  const isCell = ({ image, box }) => cellsOn(images.find(({ id }) => id === image)).some((cell) => iou(cell, box) > 0.4);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(300_000);
  const page = await context.newPage();
  await page.goto(address);
  await ready(page);
  const shot = async (name) => {
    await ready(page);
    await page.waitForTimeout(1500); // tiles and thumbnails
    const png = await page.screenshot();
    await sharp(png)
      .webp({ quality: 82 })
      .toFile(join(pictures, `workbench-${name}.webp`));
  };
  const train = async (number) => {
    await page.keyboard.press("t");
    await page.getByRole("button", { name: /^Train for/ }).click();
    await page
      .locator(".rounds .phase.done")
      .nth(number - 1)
      .waitFor();
  };

  await train(1);
  await page.keyboard.press("k");
  await shot("mark");

  await page.keyboard.press("q");
  await page.keyboard.press("s");
  const tiles = page.locator(".sheet button");
  await tiles.first().waitFor();
  const { suspects } = await api("/sheet?round=1");
  for (const [i, suspect] of suspects.entries()) if (!isCell(suspect)) await tiles.nth(i).click();
  await tiles.first().focus();
  await page.locator("#sheet-title").scrollIntoViewIfNeeded();
  await shot("sheet");
  await page.keyboard.press("y");
  await page.locator(".status .saved").getByText("Saved", { exact: true }).waitFor();

  await train(2);
  await page.keyboard.press("q");
  await page.getByRole("radio", { name: "One by one" }).check({ force: true });
  for (let answers = 0; answers < 12; answers++) {
    const { next } = await api("/queue?round=2");
    await page.keyboard.press(isCell(next[0]) ? "Space" : "x");
    await page.waitForTimeout(600);
  }
  await shot("answer");
} finally {
  await browser.close();
  server.kill("SIGINT");
  rmSync(root, { recursive: true, force: true });
}
