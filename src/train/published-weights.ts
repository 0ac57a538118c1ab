// Weights that others have published: where they lie, how a file is known to be whole, and what their licences allow. A file is
// fetched once, checked in memory, and only then written to the cache; it is checked again whenever it is used.

import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { ColourStatistics } from "../detector/transfer.ts";
import { UserError, unwritable } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { cacheFolder } from "../files/cache-folder.ts";
import { type DownloadOptions, download } from "../files/download.ts";
import { sha256Of } from "../files/sha256.ts";
import type { Backbone } from "../settings/detector.ts";
import type { PublishedName } from "../settings/weights.ts";

export interface PublishedWeights {
  readonly name: PublishedName;
  readonly backbone: Backbone;
  /** As its publisher gives it, without a mirror. */
  readonly address: string;
  /** What the licence allows, where that is limited. */
  readonly license: string | null;
  /** How its images were normalised, where not as ImageNet's. */
  readonly colours: ColourStatistics | null;
}

// torchvision's "IMAGENET1K_V1" of each, which its detection models start from. (ResNet-50 has a V2, which classifies better.)
const imagenet: { readonly [backbone in Backbone]?: string } = {
  resnet18: "resnet18-f37072fd.pth",
  resnet34: "resnet34-b627a593.pth",
  resnet50: "resnet50-0676ba61.pth",
  resnet101: "resnet101-63fe2227.pth",
};

// Kang et al. 2023, https://github.com/lunit-io/benchmark-ssl-pathology: ResNet-50 without classifier, 19 million patches of TCGA.
const pathology = { pathology: "swav_rn50_ep200.torch", "pathology:bt": "bt_rn50_ep200.torch" };
export const pathologyBackbone = "resnet50";
const pathologyLicense = "research use only (Public License of Lunit Inc., non-commercial)";
const pathologyColours: ColourStatistics = {
  mean: [0.70322989, 0.53606487, 0.66096631],
  deviation: [0.21716536, 0.26081574, 0.20723464],
};

/** The published weights of that name for a backbone. Throws a UserError when there are none. */
export function publishedWeights(name: PublishedName, backbone: Backbone): PublishedWeights {
  if (name === "imagenet") {
    const file = imagenet[backbone];
    if (!file)
      throw new UserError(
        `--weights imagenet: there are none for --backbone ${backbone}; pass --backbone ${Object.keys(imagenet).join(", ")}`,
      );
    return { name, backbone, address: `https://download.pytorch.org/models/${file}`, license: null, colours: null };
  }
  if (backbone !== pathologyBackbone)
    throw new UserError(
      `--weights ${name}: has the weights of a ${pathologyBackbone}, but --backbone is ${backbone}; pass --backbone ${pathologyBackbone} or other --weights`,
    );
  const release = "https://github.com/lunit-io/benchmark-ssl-pathology/releases/download/pretrained-weights";
  return { name, backbone, address: `${release}/${pathology[name]}`, license: pathologyLicense, colours: pathologyColours };
}

/** Where it is kept, and where a user puts it who has fetched it by hand. */
export const cachedFile = ({ address }: PublishedWeights): string => join(cacheFolder(), basename(address));

/** A folder with the same files that takes the publishers' place. Throws a UserError when SPARSECELL_MIRROR is not an address. */
export function mirror(): string | null {
  const folder = process.env.SPARSECELL_MIRROR;
  if (!folder) return null;
  if (!/^https?:/.test(folder) || !URL.canParse(folder))
    throw new UserError(`SPARSECELL_MIRROR: expected an address such as https://mirror.example.org/weights, got ${folder}`);
  return folder.replace(/\/+$/, "");
}

function sourceOf({ address }: PublishedWeights): string {
  const folder = mirror();
  return folder === null ? address : `${folder}/${basename(address)}`;
}

/** Bytes that are not those that were published. They are never used, whatever was asked for. */
export class WrongBytesError extends UserError {}

export interface ObtainedWeights {
  readonly file: string;
  readonly sha256: string;
  readonly fetched: boolean;
}

/**
 * The file, from the cache or fetched into it. Throws a WrongBytesError when its hash is not the published one, and another
 * UserError when it is not to be had.
 */
export async function obtain(weights: PublishedWeights, options: DownloadOptions): Promise<ObtainedWeights> {
  const file = cachedFile(weights);
  if (existsSync(file)) {
    const sha256 = await sha256Of(file);
    requireHash(weights, sha256, `${file}: is damaged or another file`, "remove it, and it is fetched again");
    return { file, sha256, fetched: false };
  }
  const source = sourceOf(weights);
  requireWritable(cacheFolder());
  const bytes = await download(source, options);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const remedy = "nothing was kept; ask who runs the network or the mirror, or pass other --weights";
  requireHash(weights, sha256, `${source}: the server sent a damaged or another file`, remedy);
  if (!isTorchFile(bytes))
    throw new WrongBytesError(`${source}: the server sent something that is not a PyTorch file; ${remedy}`);
  writeFileAtomic(file, bytes);
  return { file, sha256, fetched: true };
}

/** torchvision's names end in the first 8 digits of the SHA-256; others say nothing. */
function requireHash({ address }: PublishedWeights, sha256: string, what: string, remedy: string): void {
  const expected = /-([0-9a-f]{8})\.\w+$/.exec(address)?.[1];
  if (expected && !sha256.startsWith(expected))
    throw new WrongBytesError(`${what}: its SHA-256 begins with ${sha256.slice(0, 8)}, expected ${expected}; ${remedy}`);
}

/** A zip archive or a pickle, as torch.save writes them. */
const isTorchFile = (bytes: Uint8Array): boolean => (bytes[0] === 0x50 && bytes[1] === 0x4b) || bytes[0] === 0x80;

/** Known before anything is fetched. */
function requireWritable(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
  } catch (error) {
    throw unwritable(dir, error);
  }
}
