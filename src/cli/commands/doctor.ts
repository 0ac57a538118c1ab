// `sparsecell doctor` and `sparsecell setup`. Both are plain JavaScript in scripts/, which bin/sparsecell.js starts without this
// file, because they run where nothing else does; here they have their place in the list of commands.

import { Command } from "commander";

const script = (name: string): string => new URL(`../../../scripts/${name}.mjs`, import.meta.url).href;

const DOCTOR = `
Names libtorch and where it comes from, the native addon, BLAS, whether several processes can train together, processor, memory,
disk, cards, OpenSlide, Slurm and the first weights that have been fetched; for what is wrong, the command that mends it. It also
runs where nothing is set up yet.

Exit codes: 0 commands will run, or set up at their first use what is "to do"; 1 something that is needed is missing, and only
you can mend it.

Example:
  $ npx sparsecell doctor`;

const SETUP = `
The first command that computes does the same. On Debian, as root or with sudo, libtorch and a compiler are installed with apt;
elsewhere one line says what to install. LIBTORCH=FOLDER takes the libtorch in FOLDER.

Example:
  $ npx sparsecell setup`;

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("say what is here, what is wrong, and which command mends it")
    .option("--json", "print one JSON object: ok, verdict, mend, and the checks")
    .addHelpText("after", DOCTOR)
    .action(() => import(script("doctor")));
}

export function setupCommand(): Command {
  return new Command("setup")
    .description("find or install libtorch and build the native addon against it")
    .addHelpText("after", SETUP)
    .action(() => import(script("setup")));
}
