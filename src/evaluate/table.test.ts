import assert from "node:assert/strict";
import { test } from "node:test";
import { detectionAt, truthAt } from "./evaluation.fixture.ts";
import { measure } from "./measures.ts";
import { measuresTable } from "./table.ts";

test("every measure is in the table, in columns", () => {
  const truths = [truthAt(20, 20), truthAt(60, 20)];
  const detections = [detectionAt(20, 20, 0.95), detectionAt(90, 20, 0.5)];
  const images = [{ id: 1, width: 2000, height: 1000, mpp: 0.5 }];
  assert.equal(
    measuresTable(measure(truths, detections, { images, maxDetections: 9 })),
    `1 images, 2 cells, 2 detections, at most 9 of an image and category, IoU ≥ 0.5; in percent

average precision
11 levels (Eqs 12, 13)        54.5
11 levels, scores ≥ 0.5 only  54.5
VOC's matching, 11 levels     54.5
VOC's matching, all points    50.0
COCO, IoU 0.5                 50.5
COCO, IoU 0.5 to 0.95         50.5
COCO, small boxes             50.5
COCO, medium boxes               –
COCO, large boxes                –

                       recall  precision    F1  found  wrong  count error  count bias
score ≥ 0.05             50.0       50.0  50.0      1      1          0.0         0.0
score ≥ 0.3              50.0       50.0  50.0      1      1          0.0         0.0
score ≥ 0.5              50.0       50.0  50.0      1      1          0.0         0.0
score ≥ 0.6              50.0      100.0  66.7      1      0          1.0        -1.0
all                      50.0
score ≥ 0.95, best F1                     66.7

distance of centres         F1 at 0.5  best F1  at score
≤ 8 µm (16 px), by-score         50.0     66.7      0.95
≤ 7.5 µm (15 px), by-score       50.0     66.7      0.95

false positives an image  0.25   0.5     1     2     4     8    16    32  mean
recall                    50.0  50.0  50.0  50.0  50.0  50.0  50.0  50.0  50.0

false positives per mm²    10    20    50   100   200   300  mean
recall                   50.0  50.0  50.0  50.0  50.0  50.0  50.0

scores                      0–0.1  0.1–0.2  0.2–0.3  0.3–0.4  0.4–0.5  0.5–0.6  0.6–0.7  0.7–0.8  0.8–0.9  0.9–1
detections                      0        0        0        0        0        1        0        0        0      1
mean score                      –        –        –        –        –     50.0        –        –        –   95.0
right                           –        –        –        –        –      0.0        –        –        –  100.0
expected calibration error   27.5`,
  );
});
