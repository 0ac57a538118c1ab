// A grid as an Indexed Job of Kubernetes: one pod an element, started again where it was stopped, given up where it is wrong.

import { dirname } from "node:path";
import type { Job } from "kubernetes-types/batch/v1.js";
import { UserError } from "../errors.ts";

export interface JobOptions {
  readonly name: string;
  readonly elements: number;
  /** Pods at a time; null for all. */
  readonly atATime: number | null;
  readonly cards?: number;
  readonly cpus?: number;
  /** The container image, whose working folder is sparsecell's. */
  readonly image: string;
  /** The persistent volume claim that holds `folder`. */
  readonly claim: string;
  /** Absolute path of the list of elements. */
  readonly list: string;
  /** Mounted under the path that it has here, because the grid's records name files by their paths. */
  readonly folder: string;
}

/** Times that an element may be started again. */
const RETRIES = 10;

/** A Job of batch/v1, held to the types of Kubernetes' published schema. */
export function kubernetesJob({ name, elements, atATime, cards, cpus, image, claim, list, folder }: JobOptions) {
  const limits = {
    ...(cpus === undefined ? {} : { cpu: String(cpus) }),
    ...(cards === undefined ? {} : { "nvidia.com/gpu": String(cards) }),
  };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: labelOf(name) },
    spec: {
      completionMode: "Indexed",
      completions: elements,
      parallelism: Math.min(elements, atATime ?? elements),
      backoffLimitPerIndex: RETRIES,
      maxFailedIndexes: elements, // a failed run stops no other
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }, // evicted: not its fault
          { action: "FailIndex", onExitCodes: { containerName: "run", operator: "In", values: [1] } }, // a retry will not mend it
        ],
      },
      template: {
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 120, // a training step and a checkpoint
          containers: [
            {
              name: "run",
              image,
              command: ["sh", "-c", `exec sparsecell element "$0" "$JOB_COMPLETION_INDEX"`, list],
              ...(cpus === undefined ? {} : { env: [{ name: "OMP_NUM_THREADS", value: String(cpus) }] }),
              ...(Object.keys(limits).length === 0 ? {} : { resources: { limits } }),
              volumeMounts: [{ name: "shared", mountPath: folder }],
            },
          ],
          volumes: [{ name: "shared", persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  } satisfies Job;
}

/** The deepest folder that all paths lie below. Throws a UserError where that is the root. */
export function sharedFolder(paths: readonly string[]): string {
  const [first, ...others] = paths.map((path) => dirname(path).split("/"));
  const common = first.filter((_, i) =>
    others.every((other) => first.slice(0, i + 1).join("/") === other.slice(0, i + 1).join("/")),
  );
  const folder = common.join("/");
  if (folder !== "") return folder;
  throw new UserError(
    `${paths.join(", ")}: lie below no common folder that pods could mount; put the grid, its dataset and its weights below one`,
  );
}

/** As names of Kubernetes are: with the index and a hyphen at most 63 characters. */
const labelOf = (name: string): string =>
  `sparsecell-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`.slice(0, 52).replace(/-+$/, "");
