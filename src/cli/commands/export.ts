// `sparsecell export`: models for other programs.

import { Command, Option } from "commander";
import type { ModelFormatName } from "../../export/export-model.ts";
import { requireOutFile } from "../options/out-file.ts";
import { modelFile } from "../options/prediction.ts";
import { formerExport } from "./data/export.ts";

const formats: { readonly [name in ModelFormatName]: string } = {
  onnx: "one graph for ONNX Runtime and others: an image to boxes, scores and labels",
  torchvision: "a state dict for Python's torchvision, and beside it the module that loads it (NAME.py)",
  safetensors: "the weights by torchvision's names, with settings and origin in the metadata",
};

const EXAMPLE = `
Formats:
${Object.entries(formats)
  .map(([name, title]) => `  ${name.padEnd(13)}${title}`)
  .join("\n")}

A model card is written beside the file (NAME.md): data, numbers, scale, limits, licence.

Example:
  $ npx sparsecell export model runs/bde --format onnx --out cells.onnx
  $ npx sparsecell export model runs/bde --format torchvision --out cells.pth`;

export function exportCommand(): Command {
  return new Command("export")
    .description('write a model in another program\'s format (annotations: see "data export")')
    .addCommand(modelCommand())
    .addCommand(formerExport(), { isDefault: true, hidden: true });
}

function modelCommand(): Command {
  return new Command("model")
    .description("write a trained model for ONNX Runtime, torchvision or other readers of safetensors")
    .argument("<run>", "a run folder or a file of weights")
    .addOption(new Option("--format <name>", "what to write").choices(Object.keys(formats)).makeOptionMandatory())
    .requiredOption("--out <file>", "file to write")
    .addHelpText("after", EXAMPLE)
    .action(async (run: string, { format, out }: { format: ModelFormatName; out: string }) => {
      const file = modelFile(run, { remedy: "check the path" });
      requireOutFile(out, [file]);
      const { exportModel } = await import("../../export/export-model.ts");
      console.log(exportModel(file, { format, out }).join("\n"));
    });
}
