export const protocol = {
  "name": "record",
  "title": "A grid of 0.3.0",
  "paper": "After Tables 3 and 4 of the paper, on drawn tissue",
  "data": {
    "kind": "synthetic",
    "tissue": "ki67",
    "images": 8,
    "width": 64,
    "height": 64,
    "boxSize": 16,
    "seed": 1
  },
  "folds": 2,
  "splitSeed": 0,
  "keeps": [
    0.5,
    1
  ],
  "methods": [
    "fpn",
    "bde"
  ],
  "seeds": [
    0
  ],
  "paperDataset": null,
  "presets": {
    "paper": {
      "steps": 6,
      "batch": 1,
      "lr": 0.005,
      "warmup": 2,
      "momentum": 0.9,
      "weightDecay": 0.0001,
      "clipGradient": 10,
      "augment": true,
      "dtype": "float32",
      "anchors": {
        "sizes": [
          [
            16
          ],
          [
            32
          ],
          [
            64
          ],
          [
            128
          ],
          [
            256
          ]
        ],
        "aspectRatios": [
          1
        ]
      },
      "trainableLayers": 3,
      "detector": {
        "backbone": "resnet18",
        "batchNormEps": 0.00001,
        "input": {
          "kind": "stretch",
          "size": 64
        },
        "rpn": {
          "heads": "shared",
          "preNmsTopN": {
            "train": 200,
            "test": 200
          },
          "postNmsTopN": {
            "train": 100,
            "test": 50
          },
          "nmsThreshold": 0.7,
          "foregroundIou": 0.7,
          "backgroundIou": 0.3,
          "batchSizePerImage": 64,
          "positiveFraction": 0.5,
          "smoothL1Beta": 0.1111111111111111
        },
        "roi": {
          "foregroundIou": 0.5,
          "batchSizePerImage": 32,
          "positiveFraction": 0.25,
          "addGroundTruth": true,
          "smoothL1Beta": 1,
          "representationSize": 8
        },
        "detection": {
          "scoreThreshold": 0.05,
          "nmsThreshold": 0.3,
          "maxDetections": 20
        }
      }
    },
    "quick": {
      "steps": 6,
      "batch": 1,
      "lr": 0.005,
      "warmup": 2,
      "momentum": 0.9,
      "weightDecay": 0.0001,
      "clipGradient": 10,
      "augment": true,
      "dtype": "float32",
      "anchors": {
        "sizes": [
          [
            16
          ],
          [
            32
          ],
          [
            64
          ],
          [
            128
          ],
          [
            256
          ]
        ],
        "aspectRatios": [
          1
        ]
      },
      "trainableLayers": 3,
      "detector": {
        "backbone": "resnet18",
        "batchNormEps": 0.00001,
        "input": {
          "kind": "stretch",
          "size": 64
        },
        "rpn": {
          "heads": "shared",
          "preNmsTopN": {
            "train": 200,
            "test": 200
          },
          "postNmsTopN": {
            "train": 100,
            "test": 50
          },
          "nmsThreshold": 0.7,
          "foregroundIou": 0.7,
          "backgroundIou": 0.3,
          "batchSizePerImage": 64,
          "positiveFraction": 0.5,
          "smoothL1Beta": 0.1111111111111111
        },
        "roi": {
          "foregroundIou": 0.5,
          "batchSizePerImage": 32,
          "positiveFraction": 0.25,
          "addGroundTruth": true,
          "smoothL1Beta": 1,
          "representationSize": 8
        },
        "detection": {
          "scoreThreshold": 0.05,
          "nmsThreshold": 0.3,
          "maxDetections": 20
        }
      }
    }
  }
};
