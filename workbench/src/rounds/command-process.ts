// What runs in a child process of the server: a command of sparsecell, with the lowest priority that leaves the page quick. When the
// server is gone, however it ended, the command is told to stop, and saves a checkpoint.

import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";

const PRIORITY = 10;

setPriority(PRIORITY);
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref(); // the command decides when it ends
const program = new URL("../../../bin/sparsecell.js", import.meta.url);
process.argv = [process.execPath, fileURLToPath(program), ...process.argv.slice(2)];
await import(program.href);
