/** What can follow a training. */
export const trackerNames = ["tensorboard", "mlflow"] as const;
export type TrackerName = (typeof trackerNames)[number];
