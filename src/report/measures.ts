// The measures of a detector: their labels in tables, and a sentence for readers who do not know them.

export interface Measure {
  readonly label: string;
  readonly help: string;
}

const measure = (label: string, help: string): Measure => ({ label, help });

export const ap = measure("AP", "Average precision at 11 recall levels, over all scores (Eqs 12 and 13 of the paper).");
export const recall = measure("recall", "Share of the annotated cells with a detection of any score from 0.05 on.");
export const recallAtHalf = measure("recall at 0.5", "Share of the annotated cells with a detection of score 0.5 or more.");
export const precisionAtHalf = measure(
  "precision at 0.5",
  "Share of the detections of score 0.5 or more that are annotated cells.",
);
export const f1AtHalf = measure("F1 at 0.5", "Harmonic mean of recall and precision at score 0.5.");
export const bestF1 = measure(
  "best F1",
  "The highest F1 that any score threshold gives: not tied to 0.5, but chosen on the test images themselves.",
);
export const ece = measure(
  "ECE",
  "Expected calibration error: how far scores are, on average, from the share of detections that are right. Lower is better.",
);
export const froc = measure(
  "FROC",
  "Share of the annotated cells that are found at a given number of wrong detections per image.",
);

/** What a page explains. */
export const glossary: readonly Measure[] = [ap, recall, recallAtHalf, precisionAtHalf, f1AtHalf, bestF1, ece, froc];
