// The rooms of src/, bottom-up: a room may import itself and the rooms above its line here, no other. `plain` rooms know no
// tensor. scripts/architecture.test.mjs holds the imports to it; the table in docs/background/architecture.md is made from it.

export const rooms = [
  {
    name: "files",
    plain: true,
    what: "reads, writes and downloads files of any kind: whole or not at all, within limits of memory; JSON with errors that name the line",
  },
  { name: "geometry", plain: true, what: "boxes, regions, intersection over union, non-maximum suppression, box codes" },
  { name: "settings", plain: true, what: "every setting of a detector and of a training: default, range, option, report line" },
  { name: "data", plain: true, what: "the dataset: images, annotations, regions; splits, patches, drawn tissue" },
  {
    name: "slides",
    plain: true,
    what: "whole slides: levels, microns per pixel, windows of pixels, by libvips or OpenSlide; tissue, counts of what was found",
  },
  { name: "formats", plain: true, what: "other tools' files, a folder each: `read.ts` gives a `Source`, `write.ts` takes one" },
  {
    name: "evaluate",
    plain: true,
    what: "detections against annotations: matching, average precision, F1, FROC, calibration error",
  },
  {
    name: "methods",
    plain: true,
    what: "training methods, one file each: from the RoIs of an image to targets and loss weights",
  },
  {
    name: "runs",
    plain: true,
    what: "records: what a run, a grid, a comparison and gradients are, each with one checked reader",
  },
  {
    name: "tracking",
    plain: true,
    what: "follows a run's logs from a thread of its own: TensorBoard's event files, MLflow by REST",
  },
  {
    name: "cluster",
    plain: true,
    what: "work for other machines: lists of elements, Slurm's job scripts and queue, a Kubernetes Job, how far a folder is",
  },
  {
    name: "plan",
    plain: true,
    what: "what a training of a dataset needs to be told: its fingerprint, a rule for each choice, reasons",
  },
  { name: "network", plain: false, what: "layers: ResNet, feature pyramid, heads, RoIAlign" },
  { name: "detector", plain: false, what: "Faster R-CNN: `detector.ts` is the story, the other files are its nouns" },
  { name: "detect", plain: false, what: "detection on many images" },
  {
    name: "wsi",
    plain: false,
    what: "detection on whole slides: windows row by row, merged on the way, a journal to go on from, the files of cells",
  },
  {
    name: "procedures",
    plain: false,
    what: "how a training step is made: one pass under a calibration, or one that sees twice; a file each",
  },
  {
    name: "export",
    plain: false,
    what: "models for other programs: a graph of ONNX, a state dict of torchvision; the model card",
  },
  { name: "train", plain: false, what: "batches, schedule, steps, checkpoints" },
  {
    name: "analysis",
    plain: false,
    what: "what happens while a detector learns: the density gap (Figure 2), gradients by layer (Figure 8)",
  },
  { name: "report", plain: true, what: "pages, tables, figures and their statistics, from records and pictures" },
  { name: "publish", plain: true, what: "gathers records and pictures from folders, has `report` draw them, writes the files" },
  { name: "experiment", plain: false, what: "from a protocol to a grid: plan, processes, results" },
  {
    name: "reproduce",
    plain: false,
    what: "a finished run again: whether what it was made of is here, and whether it comes to the same",
  },
  { name: "bench", plain: false, what: "what `sparsecell bench` times, alone or in turns with torchvision" },
  { name: "cli", plain: false, what: "one file a command, the options they share, what the terminal shows" },
];
