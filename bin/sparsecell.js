#!/usr/bin/env node
import { existsSync } from "node:fs";

process.stdout.on("error", (error) => {
  if (error.code === "EPIPE") process.exit(0); // the reader, such as `head`, has seen enough
  throw error;
});

const main = new URL("../dist/cli/main.js", import.meta.url);
if (existsSync(main)) {
  const { run } = await import(main.href);
  process.exitCode = await run(process.argv.slice(2));
} else {
  console.error("sparsecell: not set up yet; run: npm run setup");
  process.exitCode = 1;
}
