// The network's outputs, a loss or a gradient are not finite. The trainer says at which step.

export class DivergedError extends Error {
  override readonly name = "DivergedError";
}
