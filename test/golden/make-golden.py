"""Golden values from torchvision for the detector's tests (../../src/detector/golden.fixture.ts reads them).

    apt install python3-torchvision        # Debian 12: torch 1.13, torchvision 0.14
    python3 test/golden/make-golden.py     # writes parts.json, detector.json and state-dict.json beside this file

Weights and images are not stored: both sides compute them from an integer hash of a name and an index, so that a whole
ResNet-50 takes no space. SALT is part of every name. It is chosen so that no decision inside the detector (top k,
suppression, thresholds, levels) depends on the last bits: the script also runs every model in float64 and with slightly
different pixels, and fails when anything but the last digits changes.
"""

import json
import math
import pathlib

import numpy as np
import torch
from torchvision import ops
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.transform import GeneralizedRCNNTransform

HERE = pathlib.Path(__file__).parent
SALT = "a"


# ---- formulas repeated in golden.fixture.ts

def uniform(name, count):
    """`count` numbers in [-1, 1), multiples of 2^-23: FNV-1a of the name, then a bit mixer on name and index."""
    seed = 2166136261
    for byte in f"{SALT}:{name}".encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    with np.errstate(over="ignore"):
        h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
        h = (h ^ (h >> 16)) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> 13)) * np.uint32(0xC2B2AE35)
        h = h ^ (h >> 16)
    return (h >> 8).astype(np.float64) / 2**23 - 1


def range_of(name, shape):
    """Mean and spread, such that activations keep their size, and scores and boxes differ enough."""
    if name.endswith("running_var"):
        return 1, 0.5
    if name.endswith("running_mean") or name.endswith("bias"):
        return 0, 0.1
    if len(shape) == 1:
        return 0.6, 0.2
    gain = 1.4 if "backbone.body" in name else 2 if "cls_score" in name else 1
    return 0, gain * math.sqrt(3 / math.prod(shape[1:]))


def weight(name, shape):
    middle, spread = range_of(name, shape)
    values = middle + spread * uniform(name, math.prod(shape))
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def image(name, height, width):
    """[3, height, width] of whole numbers / 255: blocks of 32, 8 and 1 pixels."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    pixels = np.zeros((height, width, 3))
    for block, amplitude in ((32, 64), (8, 40), (1, 16)):
        noise = uniform(f"{name}/{block}", 64 * 64 * 3)  # at most 64 × 64 blocks, wrapped
        pixels += np.floor(amplitude * noise[((y // block % 64) * 64 + x // block % 64) * 3 + c])
    return torch.from_numpy((pixels + 128).transpose(2, 0, 1).astype(np.float32)) / 255


# ---- whole detectors

ALL = 10**6  # as a sample's size: every anchor and RoI takes part in the loss, so that nothing is random

MODELS = {
    "resnet18": dict(
        classes=3,
        min_size=96,
        max_size=160,
        images=[[90, 120], [100, 200]],
        truths=[([[10, 12, 40, 50], [60, 20, 100, 44.5]], [1, 2]), ([[30, 30, 62, 70.25]], [2])],
        settings=dict(rpn_pre_nms_top_n_train=150, rpn_post_nms_top_n_train=100, rpn_pre_nms_top_n_test=100, rpn_post_nms_top_n_test=60, box_detections_per_img=ALL),
    ),
    "resnet50": dict(
        classes=91,
        min_size=128,
        max_size=200,
        images=[[120, 150]],
        truths=[([[10.3, 12.1, 40.2, 50.9], [60.7, 20.4, 138.1, 100.6]], [7, 90])],
        settings=dict(rpn_pre_nms_top_n_train=150, rpn_post_nms_top_n_train=60, box_detections_per_img=100),
    ),
}
GRADIENTS = [
    "backbone.body.conv1.weight",
    "backbone.body.layer1.0.conv1.weight",
    "backbone.body.layer4.1.conv2.weight",
    "backbone.fpn.inner_blocks.0.0.weight",
    "backbone.fpn.layer_blocks.3.0.bias",
    "rpn.head.conv.0.0.weight",
    "rpn.head.bbox_pred.weight",
    "roi_heads.box_head.fc6.weight",
    "roi_heads.box_predictor.cls_score.weight",
    "roi_heads.box_predictor.bbox_pred.bias",
]


def detector(name, classes, min_size, max_size, settings, **_):
    backbone = resnet_fpn_backbone(backbone_name=name, weights=None, norm_layer=ops.FrozenBatchNorm2d, trainable_layers=5)
    model = FasterRCNN(backbone, classes, min_size=min_size, max_size=max_size, rpn_batch_size_per_image=ALL,
                       box_batch_size_per_image=ALL, **settings)
    model.load_state_dict({key: weight(key, tuple(value.shape)) for key, value in model.state_dict().items()})
    return model


def results(model, images, truths, dtype):
    model = model.to(dtype)
    images = [x.to(dtype) for x in images]
    targets = [{"boxes": torch.tensor(boxes, dtype=dtype), "labels": torch.tensor(labels)} for boxes, labels in truths]
    model.eval()
    with torch.no_grad():
        batch, _ = model.transform(images)
        proposals, _ = model.rpn(batch, model.backbone(batch.tensors))
        detections = model(images)
    model.train()
    model.zero_grad()
    losses = model(images, targets)
    sum(losses.values()).backward()
    parameters = dict(model.named_parameters())
    return {
        "proposals": proposals,
        "detections": detections,
        "losses": {key: value.item() for key, value in losses.items()},
        "gradients": {key: parameters[key].grad.double().norm().item() for key in GRADIENTS},
    }


def differs(a, b, name):
    """Whether more than the last digits differ."""
    far = lambda x, y, limit: x.shape != y.shape or (x.numel() > 0 and (x.double() - y.double()).abs().max().item() > limit)
    report = lambda what: print(f"  {name}: {what} differ") or True
    for p, q in zip(a["proposals"], b["proposals"]):
        if far(p, q, 2e-3):
            return report("proposals")
    for p, q in zip(a["detections"], b["detections"]):
        if far(p["labels"], q["labels"], 0) or far(p["boxes"], q["boxes"], 2e-3) or far(p["scores"], q["scores"], 2e-5):
            return report("detections")
    for part in ("losses", "gradients"):
        for key, value in a[part].items():
            if abs(value - b[part][key]) > 2e-4 * abs(value):
                return report(f"{part} ({key}: {value}, {b[part][key]})")
    return False


def rounded(values, digits):
    return [[round(x, digits) for x in row] for row in values.tolist()]


def whole_detector(name, spec):
    print(name)
    model = detector(name, **spec)
    images = [image(f"{name}/{n}", *size) for n, size in enumerate(spec["images"])]
    truths = spec["truths"]
    found = results(model, images, truths, torch.float32)
    for k in range(3):
        moved = [x * (1 + 2e-7 * torch.from_numpy(uniform(f"noise {k}", x.numel()).astype(np.float32)).reshape(x.shape)) for x in images]
        if differs(found, results(model, moved, truths, torch.float32), f"other pixels {k}"):
            return None
    if differs(found, results(model, images, truths, torch.float64), "float64"):
        return None
    for n, d in enumerate(found["detections"]):
        print(f"  image {n}: {len(found['proposals'][n])} proposals, {len(d['labels'])} detections, scores {d['scores'].tolist()[:3]}, classes {len(set(d['labels'].tolist()))}")
    print(" ", found["losses"], found["gradients"])
    return {
        **spec,
        "proposals": [{"count": len(p), "first": rounded(p[:50], 4)} for p in found["proposals"]],
        "detections": [
            {"boxes": rounded(d["boxes"], 4), "scores": [round(s, 6) for s in d["scores"].tolist()], "labels": d["labels"].tolist()}
            for d in found["detections"]
        ],
        "losses": {key: float(f"{value:.8g}") for key, value in found["losses"].items()},
        "gradients": {key: float(f"{value:.8g}") for key, value in found["gradients"].items()},
    }


# ---- parts

def boxes_from(name, count, extent):
    """[count, 4], x1 y1 x2 y2, in eighths of a pixel, sides of 1/8 to a quarter of `extent`."""
    u = (uniform(name, 4 * count).reshape(count, 4) + 1) / 2
    eighths = lambda x: np.floor(8 * x) / 8
    corner = eighths(u[:, :2] * extent)
    return torch.from_numpy(np.concatenate([corner, corner + 0.125 + eighths(u[:, 2:] * extent / 4)], 1).astype(np.float32))


def network_sizes():
    cases = [[h, w, low, high] for low, high in ((800, 1333), (128, 200), (333, 777)) for h, w in
             ((1, 1), (15, 15), (36, 37), (43, 1000), (512, 512), (600, 1000), (1000, 600), (480, 640), (800, 800), (1333, 999), (1999, 250))]
    result = []
    for h, w, low, high in cases:
        transform = GeneralizedRCNNTransform(low, high, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        resized, _ = transform.resize(torch.zeros(1, h, w), None)
        result.append([h, w, low, high, *resized.shape[-2:]])
    return result


def transformed():
    transform = GeneralizedRCNNTransform(40, 70, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    batch, _ = transform([image("transform/0", 23, 31), image("transform/1", 50, 45)])
    at = [[0, 0, 0, 0], [0, 1, 17, 30], [0, 2, 39, 52], [0, 0, 20, 60], [1, 2, 5, 5], [1, 1, 43, 39], [1, 0, 50, 10]]
    return {"shape": list(batch.tensors.shape), "sizes": [list(s) for s in batch.image_sizes], "at": at,
            "values": [round(batch.tensors[tuple(i)].item(), 6) for i in at]}


def anchors():
    sizes, ratios, levels = ((9, 13), (17, 20), (33, 41), (64, 91), (128, 181)), (0.3, 1.0, 2.5), [[4, 6], [2, 3], [1, 2], [1, 1], [1, 1]]
    generator = AnchorGenerator(sizes, (ratios,) * 5)
    grid = generator(ImageList(torch.zeros(1, 3, 64, 96), [(64, 96)]), [torch.zeros(1, 1, h, w) for h, w in levels])[0]
    return {"sizes": sizes, "aspectRatios": ratios, "imageSize": [64, 96], "levels": levels, "boxes": [int(x) for x in grid.flatten().tolist()]}


def codec():
    boxes, references = boxes_from("codec/boxes", 12, 100), boxes_from("codec/references", 12, 100)
    codes = torch.from_numpy(uniform("codec/codes", 12 * 2 * 4).astype(np.float32)).reshape(12, 8) * 20
    result = {}
    for name, weights in (("rpn", (1.0, 1.0, 1.0, 1.0)), ("roi", (10.0, 10.0, 5.0, 5.0))):
        coder = BoxCoder(weights)
        result[name] = {"encoded": [float(f"{x:.7g}") for x in coder.encode_single(boxes, references).flatten().tolist()],
                        "decoded": [float(f"{x:.7g}") for x in coder.decode(codes, [references]).flatten().tolist()]}
    return result


def suppression():
    boxes = boxes_from("nms/boxes", 80, 40)
    scores = torch.from_numpy(uniform("nms/scores", 80).astype(np.float32))
    groups = torch.from_numpy((uniform("nms/groups", 80) > 0).astype(np.int64))
    return {"plain": ops.nms(boxes, scores, 0.3).tolist(), "grouped": ops.batched_nms(boxes, scores, groups, 0.3).tolist()}


def matching():
    larger = torch.tensor([0.0, 0, 8, 8])  # so that many overlap
    proposals, truths = boxes_from("matcher/proposals", 80, 24) + larger, boxes_from("matcher/truths", 5, 24) + larger
    exact = torch.tensor([[0.0, 0, 10, 7], [0, 0, 10, 3], [0, 0, 10, 10]])  # IoU 0.7, 0.3 and 1 with the box below
    square = torch.tensor([[0.0, 0, 10, 10]])
    return {"proposals": Matcher(0.5, 0.5)(ops.box_iou(truths, proposals)).tolist(), "exact": Matcher(0.7, 0.3)(ops.box_iou(square, exact)).tolist()}


def pooled():
    levels = {str(i): torch.from_numpy(uniform(f"roi-align/{i}", 2 * 2 * (64 >> i) ** 2).astype(np.float32)).reshape(2, 2, 64 >> i, 64 >> i) for i in range(4)}
    boxes = [torch.tensor([[3.0, 5, 40, 33], [-20, -9, 30, 300], [100.5, 90.25, 100.75, 90.5]]), torch.tensor([[0.0, 0, 256, 256], [30, 40, 180, 152], [250, 200, 300, 290]])]
    align = ops.MultiScaleRoIAlign([str(i) for i in range(4)], 3, 2)
    values = align(levels, boxes, [(256, 256), (256, 256)])  # [6, 2, 3, 3]
    return {"boxes": [b.tolist() for b in boxes], "values": [round(x, 6) for x in values.flatten().tolist()]}


def state_dict():
    backbone = resnet_fpn_backbone(backbone_name="resnet50", weights=None, norm_layer=ops.FrozenBatchNorm2d)
    return {name: list(value.shape) for name, value in FasterRCNN(backbone, 91).state_dict().items()}


def write(name, value):
    text = json.dumps(value, separators=(",", ":"))
    (HERE / name).write_text(text.replace('},"', '},\n"').replace('],"', '],\n"') + "\n")
    print(name, len(text), "bytes")


def main():
    global SALT
    for salt in "abcdefghijklmnopqrstuvwxyz":
        SALT = salt
        models = {}
        for name, spec in MODELS.items():
            models[name] = whole_detector(name, spec)
            if models[name] is None:
                print(f"salt {salt} leaves a choice to the last bits")
                break
        else:
            break
    else:
        raise SystemExit("no salt is stable: change the images or the truths")
    write("detector.json", {"salt": SALT, **models})
    write("parts.json", {"salt": SALT, "networkSizes": network_sizes(), "transform": transformed(), "anchors": anchors(), "codec": codec(),
                         "nms": suppression(), "matcher": matching(), "roiAlign": pooled()})
    write("state-dict.json", state_dict())


if __name__ == "__main__":
    main()
