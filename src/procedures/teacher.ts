// A teacher: a detector whose weights are an exponential average of the student's (Tarvainen and Valpola, NeurIPS 2017,
// https://arxiv.org/abs/1703.01780): w ← decay · w + (1 − decay) · student, after every step. It is steadier than the student,
// and never trained by a gradient.

import { call, noGrad, scope, type Tensor } from "@sparsecell/torch";
import { Detector } from "../detector/detector.ts";

/**
 * The exponential average of a detector's weights, as a detector.
 *
 * @example
 * const student = loadDetector("runs/bde/model.safetensors", { seed: 0 });
 * const teacher = new Teacher(student, 0.99);
 * teacher.update(student); // after every step
 * const [{ boxes }] = teacher.detector.detect([await readImage("patch.png")]);
 */
export class Teacher {
  readonly detector: Detector;
  readonly #decay: number;

  /** Starts as a copy of `student`. `decay` in [0, 1): 0 follows the student, 0.99 averages about 100 steps. */
  constructor(student: Detector, decay: number) {
    if (!(decay >= 0 && decay < 1)) throw new RangeError(`Teacher: expected a decay in [0, 1), got ${decay}`);
    this.#decay = decay;
    this.detector = new Detector(student.config, student.options);
    this.detector.loadState(student.state());
    this.detector.requireGrad(false);
  }

  /** One step of the average; buffers, which no optimizer moves, are equal already. `decay`: default that of the constructor. */
  update(student: Detector, decay = this.#decay): void {
    const weights = this.detector.state();
    const trained = [...student.parameters()];
    const averaged = trained.map(([name]) => weights.get(name) as Tensor);
    noGrad(() =>
      scope(() => {
        call("_foreach_mul_.Scalar", [averaged, decay]);
        call("_foreach_add_.List", [averaged, trained.map(([, tensor]) => tensor)], { alpha: 1 - decay });
      }),
    );
  }

  /** A decay that rises to that of the constructor, so that the first weights of a training of `step` steps are soon forgotten. */
  decayAt(step: number): number {
    return Math.min(this.#decay, (1 + step) / (10 + step));
  }

  /** For checkpoints. */
  state(): ReadonlyMap<string, Tensor> {
    return this.detector.state();
  }

  loadState(state: ReadonlyMap<string, Tensor>): void {
    this.detector.loadState(state);
  }

  release(): void {
    this.detector.release();
  }
}
