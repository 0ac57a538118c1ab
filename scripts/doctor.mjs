// `sparsecell doctor [--json]`: what is here, what is wrong, and the command that mends it. Plain JavaScript that loads neither
// dist/ nor libtorch into this process, because it is asked where those are missing. A check is { name, state, found, mend? }:
//   ok        here
//   to do     set-up will do it by itself: at the first command that computes, or now
//   missing   needed, and only the user can mend it: exit code 1
//   warning   works, but slowly or not for long
//   absent    not needed: found says for what it would be

import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { machineChecks } from "./doctor/machine.mjs";
import { softwareChecks } from "./doctor/software.mjs";
import { weightsCheck } from "./doctor/weights.mjs";

/** All checks of the project or package in `root`; `env`: the environment that commands are looked up in. */
export function examine({ root, env = process.env, cwd = process.cwd(), home = homedir() }) {
  const { checks, addon } = softwareChecks({ root, env });
  return [...checks, ...machineChecks({ env, cwd, addon }), weightsCheck({ env, home })];
}

/** What all checks come to: whether commands will run, one line, and the one command that mends what is needed. */
export function verdict(checks) {
  const of = (state) => checks.filter((check) => check.state === state);
  const [missing, todo] = [of("missing"), of("to do")];
  const names = (some) => some.map(({ name }) => name).join(", ");
  if (missing.length > 0)
    return {
      ok: false,
      text: `missing: ${names(missing)}`,
      mend: [...new Set(missing.map(({ mend }) => mend))].join("; then: "),
    };
  if (todo.length > 0)
    return { ok: true, text: `the first command that computes will set up ${names(todo)}; now`, mend: "npx sparsecell setup" };
  return { ok: true, text: "all that is needed is here" };
}

export function asText(checks) {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, state, found, mend }) => {
    const remedy = mend && `\n${" ".repeat(width + 11)}→ ${mend}`;
    return `${state.padEnd(8)} ${name.padEnd(width)}  ${found}${remedy ?? ""}`;
  });
  const { text, mend } = verdict(checks);
  return `${lines.join("\n")}\n\n${text}${mend ? `: ${mend}` : ""}\n`;
}

if (process.argv[2] === "doctor" || process.argv[1] === fileURLToPath(import.meta.url)) {
  const checks = examine({ root: fileURLToPath(new URL("..", import.meta.url)) });
  const { ok, text, mend } = verdict(checks);
  process.stdout.write(
    process.argv.includes("--json") ? `${JSON.stringify({ ok, verdict: text, mend, checks }, null, 2)}\n` : asText(checks),
  );
  process.exitCode = ok ? 0 : 1;
}
