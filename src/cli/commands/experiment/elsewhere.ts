// `sparsecell experiment` for other machines: the grid's folder is made here, and its runs are elements that Slurm or Kubernetes
// starts.

import { resolve } from "node:path";
import type { Element } from "../../../cluster/elements.ts";
import type { Protocol } from "../../../experiment/protocol.ts";
import { lockFolder } from "../../../files/folder-lock.ts";
import { type GridUnit, unitId } from "../../../runs/grid.ts";
import type { GridFolder } from "../../../runs/grid-folder.ts";
import { saySubmitted, slurmSettings, thisProgram } from "../../options/executor.ts";
import { withProgress } from "../../terminal/data-progress.ts";
import { commandText, type Options } from "./options.ts";

type GridOptions = Options & { readonly out: string };

/** Submits the runs that are neither finished nor in the queue, and their report after them. */
export async function submitGrid(file: string, protocol: Protocol, options: GridOptions & { readonly atATime: number | null }) {
  const [{ submit }, { isDone }, { requireSlurm }] = await Promise.all([
    import("../../../cluster/submit.ts"),
    import("../../../cluster/elements.ts"),
    import("../../../cluster/slurm.ts"),
  ]);
  requireSlurm();
  const { out, atATime, preset } = options;
  const unlock = lockFolder(out);
  try {
    const { store, units } = await openedGrid(file, protocol, options);
    const elements = elementsOf(store, units, options);
    const submitted = submit({
      dir: out,
      elements,
      isDone,
      settings: slurmSettings(options),
      atATime,
      program: thisProgram(),
      report: ["report", resolve(out)],
    });
    console.error(`${protocol.name}, preset ${preset}: ${units.length} runs`);
    saySubmitted(out, submitted, "runs");
  } finally {
    unlock();
  }
}

/** Prints a Job that does the runs that are not finished. */
export async function emitKubernetes(
  file: string,
  protocol: Protocol,
  options: GridOptions & { readonly atATime: number | null },
) {
  const [{ writeElements, isDone }, { newJobFolder }, { kubernetesJob, sharedFolder }, { yamlOf }] = await Promise.all([
    import("../../../cluster/elements.ts"),
    import("../../../cluster/job-folder.ts"),
    import("../../../cluster/kubernetes.ts"),
    import("../../../files/yaml.ts"),
  ]);
  const { out, atATime, cards, cpus, image, claim } = options;
  const unlock = lockFolder(out);
  try {
    const { store, units } = await openedGrid(file, protocol, options);
    const elements = elementsOf(store, units, options).filter((element) => !isDone(element));
    if (elements.length === 0) return console.error(`${protocol.name}: all ${units.length} runs are finished`);
    const { data, weights } = store.record();
    const folder = sharedFolder([resolve(out, "grid.json"), data, ...(weights === null ? [] : [weights])]);
    const list = newJobFolder(resolve(out), "kubernetes").listFile; // another than that of a Job under way
    writeElements(list, elements);
    const job = { name: protocol.name, elements: elements.length, atATime, cards, cpus, image, claim, list, folder };
    process.stdout.write(yamlOf(kubernetesJob(job)));
  } finally {
    unlock();
  }
}

function openedGrid(file: string, protocol: Protocol, options: GridOptions): Promise<{ store: GridFolder; units: GridUnit[] }> {
  const { data = null, weights = null, out, preset, device, track } = options;
  const command = commandText(file, options);
  return withProgress("tissue", async (onImage) => {
    const { openGrid } = await import("../../../experiment/plan.ts");
    return openGrid({ protocol, preset, selection: options, data, weights, dir: out, device, command, track, onImage });
  });
}

function elementsOf(store: GridFolder, units: readonly GridUnit[], { device, keepModels }: GridOptions): Element[] {
  const dir = resolve(store.dir);
  const more = [...(device === "cpu" ? [] : ["--device", device]), ...(keepModels ? ["--keep-models"] : [])];
  return units.map((unit) => {
    const name = unitId(unit);
    return { name, command: ["run-unit", dir, name, ...more], files: [resolve(store.run(unit).dir, "result.json")] };
  });
}
