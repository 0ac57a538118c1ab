// The rest of the project, as far as it needs no libtorch. The path is right from src/ and from dist/, in a clone and in the package.

export * from "../../dist/plain.js";
