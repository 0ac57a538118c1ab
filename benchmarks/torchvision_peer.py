"""Times in torchvision what `sparsecell bench PART` times here: same input, boxes, sampled RoIs and trainable layers.

Prints one JSON object: seconds (median), all (every repetition), peakMiB.

    /usr/bin/python3 benchmarks/torchvision_peer.py step --size 800 --batch 1 --rois 512 --steps 5 --threads 2
"""

import argparse
import json
import resource
import statistics
import time

import torch
import torchvision

parser = argparse.ArgumentParser()
parser.add_argument("part", choices=["step", "detect", "roi-align", "nms"])
parser.add_argument("--backbone", default="resnet50")
parser.add_argument("--size", type=int, default=800)
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--boxes", type=int, default=100)
parser.add_argument("--rois", type=int, default=512)
parser.add_argument("--steps", type=int, default=5)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--device", default="cpu")
parser.add_argument("--autocast", action="store_true", help="bfloat16 autocast and channels_last, for CUDA")
args = parser.parse_args()

torch.set_num_threads(args.threads)
torch.manual_seed(0)
device = torch.device(args.device)


def detector():
    # Frozen batch norm, as ours: torchvision takes it only together with pretrained weights, which cannot be downloaded here.
    model = torchvision.models.detection.fasterrcnn_resnet50_fpn(
        weights=None, weights_backbone=None, num_classes=2, min_size=args.size, max_size=args.size,
        trainable_backbone_layers=5, box_batch_size_per_image=args.rois,
    )
    model.backbone = torchvision.models.detection.backbone_utils.resnet_fpn_backbone(
        backbone_name=args.backbone, weights=None, norm_layer=torchvision.ops.FrozenBatchNorm2d, trainable_layers=5
    )
    model.to(device)
    return model.to(memory_format=torch.channels_last) if args.autocast else model


def images():
    return [torch.rand(3, args.size, args.size, device=device) for _ in range(args.batch)]


def boxes(count):
    corners = torch.rand(count, 2, device=device) * (args.size - 32)
    return torch.cat([corners, corners + 32], 1)


def step():
    model = detector().train()
    optimizer = torch.optim.SGD(
        [p for p in model.parameters() if p.requires_grad], lr=1e-5, momentum=0.9, weight_decay=1e-4
    )
    inputs = images()
    targets = [
        {"boxes": boxes(args.boxes), "labels": torch.ones(args.boxes, dtype=torch.int64, device=device)} for _ in inputs
    ]

    def body():
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=args.autocast):
            losses = model(inputs, targets)
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()

    return body


def detect():
    model = detector().eval()
    inputs = images()

    def body():
        with torch.no_grad(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=args.autocast):
            model(inputs)

    return body


def roi_align():
    names = ["0", "1", "2", "3"]
    sides = [-(-args.size // s) for s in (4, 8, 16, 32)]
    levels = {n: torch.randn(1, 256, s, s, device=device, requires_grad=True) for n, s in zip(names, sides)}
    pool = torchvision.ops.MultiScaleRoIAlign(names, 7, 2)
    rois = [boxes(args.rois)]

    def body():
        pool(levels, rois, [(args.size, args.size)]).sum().backward()
        for level in levels.values():
            level.grad = None

    return body


def nms():
    rois, scores = boxes(10_000), torch.rand(10_000, device=device)
    levels = torch.arange(10_000, device=device) % 5

    def body():
        torchvision.ops.batched_nms(rois, scores, levels, 0.7)

    return body


body = {"step": step, "detect": detect, "roi-align": roi_align, "nms": nms}[args.part]()
seconds = []
for n in range(-2, args.steps):
    start = time.perf_counter()
    body()
    if device.type == "cuda":
        torch.cuda.synchronize()
    if n >= 0:
        seconds.append(time.perf_counter() - start)

print(json.dumps({
    "seconds": statistics.median(seconds),
    "all": seconds,
    "peakMiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    "torchvision": torchvision.__version__,
}))
