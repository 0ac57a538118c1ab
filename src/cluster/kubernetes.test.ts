// The Job as a reader of YAML has it. The compiler holds its keys and types to Kubernetes' schema (kubernetes-types); here are the
// texts and numbers that the API reference allows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { yamlOf } from "../files/yaml.ts";
import { kubernetesJob, sharedFolder } from "./kubernetes.ts";

const options = {
  name: "MBM rates_2",
  elements: 120,
  atATime: 8,
  cards: 1,
  cpus: 4,
  image: "sparsecell:0.5.0",
  claim: "shared",
  list: "/shared/grids/my mbm/kubernetes/elements.jsonl",
  folder: "/shared",
};

test("an Indexed Job that its schema accepts: an index an element, retried where a retry helps", () => {
  const job = parse(yamlOf(kubernetesJob(options)));
  assert.deepEqual(job, JSON.parse(JSON.stringify(kubernetesJob(options))));
  assert.deepEqual([job.apiVersion, job.kind], ["batch/v1", "Job"]);
  const { spec } = job;
  assert.equal(job.metadata.name, "sparsecell-mbm-rates-2");
  assert.deepEqual([spec.completionMode, spec.completions, spec.parallelism, spec.backoffLimitPerIndex], ["Indexed", 120, 8, 10]);
  assert.equal(spec.template.spec.restartPolicy, "Never");
  const [{ command, resources }] = spec.template.spec.containers;
  assert.deepEqual(command.slice(2), ['exec sparsecell element "$0" "$JOB_COMPLETION_INDEX"', options.list]);
  assert.deepEqual(resources, { limits: { cpu: "4", "nvidia.com/gpu": "1" } });
  const [evicted, wrong] = spec.podFailurePolicy.rules;
  assert.deepEqual(evicted, { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] });
  assert.deepEqual(wrong, { action: "FailIndex", onExitCodes: { containerName: "run", operator: "In", values: [1] } });
  assert.equal(spec.template.spec.containers[0].name, wrong.onExitCodes.containerName);
  assert.ok(spec.maxFailedIndexes <= spec.completions);
  const { atATime, cards, cpus, ...rest } = options;
  const plain = kubernetesJob({ ...rest, atATime: null });
  assert.equal(plain.spec.parallelism, 120);
});

test("the Job's name and its pods' names are labels, whatever the experiment is called", () => {
  for (const name of ["MBM rates_2", "x".repeat(99), "ends in -", "ö"]) {
    const made = `${kubernetesJob({ ...options, name }).metadata.name}-99999`; // a pod of an index
    assert.match(made, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
    assert.ok(made.length <= 63);
  }
});

test("pods mount the deepest folder that everything lies below", () => {
  assert.equal(sharedFolder(["/shared/grids/a/list", "/shared/data/ki67", "/shared/weights/r.safetensors"]), "/shared");
  assert.equal(sharedFolder(["/shared/grids/list", "/shared/grids/a/b"]), "/shared/grids");
  assert.throws(() => sharedFolder(["/shared/list", "/data/ki67"]), /lie below no common folder that pods could mount/);
});
