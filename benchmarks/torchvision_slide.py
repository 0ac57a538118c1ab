"""Times torchvision on the windows of a slide, as `node benchmarks/slides.mjs RUN SLIDE --torchvision` writes them to a folder:
the model as `export model --format torchvision` writes it (cells.py, cells.pth), and windows.json with, for each window, its file of
RGB bytes, width and height.

Prints one JSON object: seconds for all windows together, once for each round, and the cells that were found.

    /usr/bin/python3 benchmarks/torchvision_slide.py FOLDER --rounds 3 --threads 2
"""

import argparse
import json
import pathlib
import sys
import time

import torch

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--threads", type=int, default=2)
args = parser.parse_args()

torch.set_num_threads(args.threads)
sys.path.insert(0, str(args.folder))
import cells  # noqa: E402

model = cells.load()
windows = []
for window in json.loads((args.folder / "windows.json").read_text()):
    data = bytearray((args.folder / window["file"]).read_bytes())
    pixels = torch.frombuffer(data, dtype=torch.uint8).reshape(window["height"], window["width"], 3)
    windows.append(pixels.permute(2, 0, 1).float() / 255)

seconds = []
found = 0
for _ in range(args.rounds):
    start = time.perf_counter()
    with torch.no_grad():
        found = sum(len(model([pixels])[0]["scores"]) for pixels in windows)
    seconds.append(time.perf_counter() - start)

print(json.dumps({"seconds": seconds, "cells": found}))
