// The only way from the workbench to the rest of the project: what reads and writes without libtorch.

export * from "../../dist/plain.js";
