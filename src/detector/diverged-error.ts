// The network's outputs are no longer numbers: nothing can be computed from them. The trainer says at which step.

export class DivergedError extends Error {
  override readonly name = "DivergedError";
}
