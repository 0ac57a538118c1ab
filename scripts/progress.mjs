// What set-up prints on stderr: one line per step, and of a failed command only the relevant lines.

import { spawnSync } from "node:child_process";

/** Something the user can fix; its message is one line. */
export class SetupError extends Error {}

export function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/** At most `limit` lines of a failed command's output: those that name an error, otherwise the last ones. */
export function relevantLines(output, limit = 20) {
  const lines = output.split("\n").filter((line) => !/^\s*(npm error)?\s*$/.test(line));
  const errors = lines.filter((line) => /\berror\b|\bfatal\b|^E: |undefined reference/i.test(line));
  return errors.length > 0 ? errors.slice(0, limit) : lines.slice(-limit);
}

/** Runs a command without showing its output: `{ ok, output }`; `ok` is false for a command that does not exist. */
export function attempt(command, args, { cwd, env } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env: env ?? process.env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 28,
  });
  return {
    ok: result.status === 0,
    output: `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ? `\n${result.error.message}` : ""}`,
  };
}

/** Prints "set-up: <what> … <seconds> s" around `work`, which returns what `attempt` does. Throws a SetupError on failure. */
export function step(what, work) {
  process.stderr.write(`set-up: ${what} …`);
  const start = performance.now();
  const { ok, output } = work();
  process.stderr.write(ok ? ` ${Math.max(1, Math.round((performance.now() - start) / 1000))} s\n` : " failed\n");
  if (ok) return;
  for (const line of relevantLines(output)) process.stderr.write(`  ${line}\n`);
  throw new SetupError(`${what} failed; its messages are above`);
}
