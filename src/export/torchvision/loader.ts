// The Python module that is written beside a torchvision state dict: it makes the torchvision detector that the weights are of. What
// torchvision's constructors have no option for (a working resolution, limits that grow with the image, a first-stage head for each
// level) is in its two or three small classes.

import { deviation, divisorOf, mean } from "../../detector/transform.ts";
import type { DetectorConfig, InputSize } from "../../settings/detector.ts";
import { version } from "../../version.ts";

export interface LoaderOptions {
  readonly config: DetectorConfig;
  /** The state dict's file name. */
  readonly weights: string;
  /** Besides the settings, what is known of the model. */
  readonly metadata: Readonly<Record<string, string>>;
}

export function loaderModule({ config, weights, metadata: { sparsecell: _, ...metadata } }: LoaderOptions): string {
  const { backbone, normalization, batchNormEps, classes, input, anchors, rpn, roi, detection } = config;
  const settings = {
    weights,
    backbone,
    group_norm: normalization === "group-norm",
    batch_norm_eps: batchNormEps,
    classes,
    input,
    size_divisible: divisorOf(input),
    mean,
    deviation,
    anchor_sizes: anchors.sizes,
    aspect_ratios: anchors.aspectRatios,
    head_per_level: rpn.heads === "per-level",
    representation_size: roi.representationSize,
    rpn_pre_nms_top_n_test: rpn.preNmsTopN.test,
    rpn_post_nms_top_n_test: rpn.postNmsTopN.test,
    rpn_nms_thresh: rpn.nmsThreshold,
    rpn_score_thresh: rpn.scoreThreshold,
    box_score_thresh: detection.scoreThreshold,
    box_nms_thresh: detection.nmsThreshold,
    box_detections_per_img: detection.maxDetections ?? 1_000_000_000,
    metadata,
  };
  return `"""The detector whose weights are in ${JSON.stringify(weights).slice(1, -1)}, as one of torchvision. Written by sparsecell ${version}.

    model = load()                      # torchvision 0.13 or later
    [found] = model([image])            # image: float32 [3, H, W], RGB, 0 to 1${sizeNote(input)}
    found["boxes"], found["scores"], found["labels"]    # labels: 1, 2, … in the order of SETTINGS["classes"]
"""

import json
import math
import pathlib

import torch
from torch import nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.rpn import RPNHead
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from torchvision.ops import FrozenBatchNorm2d

SETTINGS = json.loads(r"""${JSON.stringify(settings, null, 2)}""")


class Transform(GeneralizedRCNNTransform):
    """Sizes as the model was trained with."""

    def resize(self, image, target=None):
        size = network_size(*image.shape[-2:])
        if size != tuple(image.shape[-2:]):
            image = nn.functional.interpolate(image[None], size=size, mode="bilinear", align_corners=False)[0]
        return image, target

    def batch_images(self, images, size_divisible=32):
        if SETTINGS["input"]["kind"] != "letterbox":
            return super().batch_images(images, size_divisible)
        side = SETTINGS["input"]["size"]
        return super().batch_images([*images, images[0].new_zeros(3, side, side)], size_divisible)[:-1]


def network_size(height, width):
    wanted = SETTINGS["input"]
    if wanted["kind"] == "resolution":
        return height, width
    if wanted["kind"] == "stretch":
        return wanted["size"], wanted["size"]
    if wanted["kind"] == "letterbox":
        return tuple(max(1, math.floor(side * wanted["size"] / max(height, width) + 0.5)) for side in (height, width))
    factor = lambda size, side: torch.tensor(1 / side).float() * size
    scale = min(factor(wanted["min"], min(height, width)), factor(wanted["max"], max(height, width))).double()
    return math.floor(height * scale), math.floor(width * scale)


class HeadPerLevel(nn.ModuleList):
    def forward(self, levels):
        found = [head([level]) for head, level in zip(self, levels)]
        return [logits[0] for logits, _ in found], [codes[0] for _, codes in found]


class Detector(FasterRCNN):
    def forward(self, images, targets=None):
        if SETTINGS["input"]["kind"] == "resolution":  # limits are for a training window
            area = max(image.shape[-2] * image.shape[-1] for image in images)
            windows = max(1, area / SETTINGS["input"]["window"] ** 2)
            self.rpn._pre_nms_top_n["testing"] = math.ceil(SETTINGS["rpn_pre_nms_top_n_test"] * windows)
            self.rpn._post_nms_top_n["testing"] = math.ceil(SETTINGS["rpn_post_nms_top_n_test"] * windows)
        return super().forward(images, targets)


def load(file=pathlib.Path(__file__).with_name(SETTINGS["weights"])):
    norm = (lambda n: nn.GroupNorm(32, n)) if SETTINGS["group_norm"] else (lambda n: FrozenBatchNorm2d(n, SETTINGS["batch_norm_eps"]))
    backbone = resnet_fpn_backbone(backbone_name=SETTINGS["backbone"], weights=None, norm_layer=norm, trainable_layers=5)
    shapes = len(SETTINGS["aspect_ratios"]) * len(SETTINGS["anchor_sizes"][0])
    features, classes = SETTINGS["representation_size"], len(SETTINGS["classes"]) + 1
    head = lambda: RPNHead(backbone.out_channels, shapes)
    names = [name for name in SETTINGS if name.startswith(("rpn_", "box_"))]
    model = Detector(
        backbone,
        rpn_anchor_generator=AnchorGenerator(
            tuple(map(tuple, SETTINGS["anchor_sizes"])), (tuple(SETTINGS["aspect_ratios"]),) * len(SETTINGS["anchor_sizes"])
        ),
        rpn_head=HeadPerLevel(head() for _ in SETTINGS["anchor_sizes"]) if SETTINGS["head_per_level"] else head(),
        box_head=TwoMLPHead(backbone.out_channels * 7 * 7, features),
        box_predictor=FastRCNNPredictor(features, classes),
        **{name: SETTINGS[name] for name in names},
    )
    model.transform = Transform(800, 1333, SETTINGS["mean"], SETTINGS["deviation"], size_divisible=SETTINGS["size_divisible"])
    model.load_state_dict(torch.load(file, map_location="cpu"))
    return model.eval()
`;
}

const sizeNote = (input: InputSize): string =>
  input.kind !== "resolution"
    ? ""
    : input.mpp === null
      ? `, resized by ${input.scale}`
      : `, resized to ${input.mpp} microns per pixel`;
