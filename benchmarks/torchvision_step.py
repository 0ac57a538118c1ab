"""Times a training step of torchvision's fasterrcnn_resnet50_fpn: what `sparsecell bench step` times of ours.

The same input, boxes, number of sampled RoIs (512), trainable layers (all) and optimizer. Prints one JSON object.

    /usr/bin/python3 benchmarks/torchvision_step.py --size 800 --batch 1 --steps 5 --threads 2
"""

import argparse
import json
import resource
import statistics
import time

import torch
import torchvision

parser = argparse.ArgumentParser()
parser.add_argument("--size", type=int, default=800)
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--boxes", type=int, default=100)
parser.add_argument("--steps", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(0)
model = torchvision.models.detection.fasterrcnn_resnet50_fpn(
    weights=None, weights_backbone=None, num_classes=2, min_size=args.size, max_size=args.size, trainable_backbone_layers=5
)
# Frozen batch norm, as ours: torchvision takes it only together with pretrained weights, which cannot be downloaded here.
backbone = torchvision.models.detection.backbone_utils.resnet_fpn_backbone(
    backbone_name="resnet50", weights=None, norm_layer=torchvision.ops.FrozenBatchNorm2d, trainable_layers=5
)
model.backbone = backbone
model.train()
optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=1e-5, momentum=0.9, weight_decay=1e-4)
images = [torch.rand(3, args.size, args.size) for _ in range(args.batch)]
corners = [torch.rand(args.boxes, 2) * (args.size - 32) for _ in images]
targets = [{"boxes": torch.cat([c, c + 32], 1), "labels": torch.ones(args.boxes, dtype=torch.int64)} for c in corners]

seconds = []
for step in range(-2, args.steps):
    start = time.perf_counter()
    losses = model(images, targets)
    optimizer.zero_grad()
    sum(losses.values()).backward()
    optimizer.step()
    if step >= 0:
        seconds.append(time.perf_counter() - start)

print(json.dumps({
    "secondsPerStep": statistics.median(seconds),
    "seconds": seconds,
    "peakMiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    "threads": torch.get_num_threads(),
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
}))
