"""Average precision by COCO's tool, for ../../src/evaluate/coco-average-precision.test.ts.

    pip install pycocotools numpy
    python3 test/golden/make-coco.py       # writes coco.json beside this file

Truths are crowded like cells, in three sizes and two categories; detections are shifted, duplicated and invented truths. Scores
have two digits, so that many are equal; sides are multiples of a quarter, which float64 represents exactly.
"""

import contextlib
import io
import json
import pathlib
import random

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

LIMITS = [1, 10, 100, 10**6]


def quarter(value):
    return round(value * 4) / 4


def case(seed):
    rng = random.Random(seed)
    images = rng.randint(1, 4)
    truths, detections = [], []
    for image in range(1, images + 1):
        typical = rng.choice([9, 20, 45, 110])
        for _ in range(rng.randint(0, 25)):
            w, h = (quarter(typical * rng.uniform(0.6, 1.7)) for _ in range(2))
            x, y = (quarter(rng.uniform(0, 6 * typical)) for _ in range(2))
            crowd = int(rng.random() < 0.08)
            truths.append([image, rng.choice([1, 1, 1, 2]), [x, y, w, h], crowd])
    for image, category, (x, y, w, h), _ in truths:
        for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
            spread = rng.choice([0, 0.02, 0.08, 0.25])
            moved = [quarter(v + side * rng.gauss(0, spread)) for v, side in ((x, w), (y, h), (w, w), (h, h))]
            moved[2:] = [max(side, 1.0) for side in moved[2:]]
            if rng.random() < 0.1:
                category = 3 - category
            detections.append([image, category, moved, round(rng.random(), 2)])
    for _ in range(rng.randint(0, 40)):
        box = [quarter(rng.uniform(0, 200)), quarter(rng.uniform(0, 200)), quarter(rng.uniform(4, 120)), quarter(rng.uniform(4, 120))]
        detections.append([rng.randint(1, images), rng.choice([1, 2]), box, round(rng.random(), 2)])
    return images, truths, detections


def tool(images, truths, detections):
    """Per limit of detections: AP, AP at 0.5, AP at 0.75, and AP of small, medium and large truths; null without truths."""
    truth, found = COCO(), COCO()
    rows = lambda of: [
        {"id": i + 1, "image_id": image, "category_id": category, "bbox": box, "area": box[2] * box[3], **more}
        for i, (image, category, box, more) in enumerate(of)
    ]
    frame = {"images": [{"id": i + 1} for i in range(images)], "categories": [{"id": 1}, {"id": 2}]}
    truth.dataset = {**frame, "annotations": rows([*t[:3], {"iscrowd": t[3]}] for t in truths)}
    found.dataset = {**frame, "annotations": rows([*d[:3], {"iscrowd": 0, "score": d[3]}] for d in detections)}
    truth.createIndex()
    found.createIndex()
    evaluation = COCOeval(truth, found, "bbox")
    evaluation.params.maxDets = LIMITS
    evaluation.evaluate()
    evaluation.accumulate()
    precision = evaluation.eval["precision"]  # IoU, recall, category, area, limit; -1 where there are no truths

    def mean(ious, area, limit):
        values = precision[ious, :, :, area, limit]
        return float(np.mean(values[values > -1])) if (values > -1).any() else None

    every = slice(None)
    return [
        [mean(every, 0, m), mean([0], 0, m), mean([5], 0, m), *(mean(every, area, m) for area in (1, 2, 3))]
        for m in range(len(LIMITS))
    ]


with contextlib.redirect_stdout(io.StringIO()):
    cases = []
    for seed in range(24):
        images, truths, detections = case(seed)
        cases.append({"truths": truths, "detections": detections, "expected": tool(images, truths, detections)})

lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases)
limits = json.dumps([None if limit == 10**6 else limit for limit in LIMITS])
pathlib.Path(__file__).with_name("coco.json").write_text(f'{{"limits":{limits},"cases":[\n{lines}\n]}}\n')
