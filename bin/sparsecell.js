#!/usr/bin/env node
import { existsSync } from "node:fs";

process.stdout.on("error", (error) => {
  if (error.code === "EPIPE") process.exit(0); // the reader, such as `head`, has seen enough
  throw error;
});

const main = new URL("../dist/cli/main.js", import.meta.url);
const command = process.argv.slice(2).join(" ");
if (["setup", "doctor", "doctor --json"].includes(command)) {
  await import(`../scripts/${process.argv[2]}.mjs`); // these run where nothing else does
} else if (existsSync(main)) {
  const { run } = await import(main.href).catch((error) => {
    if (error.code === "ERR_MODULE_NOT_FOUND") return { run: () => notSetUp(error.message.split("\n", 1)[0]) };
    throw error;
  });
  process.exitCode = await run(process.argv.slice(2));
} else {
  process.exitCode = notSetUp("TypeScript is not compiled");
}

function notSetUp(reason) {
  console.error(`sparsecell: not set up: ${reason}; run: npx sparsecell setup`);
  return 1;
}
