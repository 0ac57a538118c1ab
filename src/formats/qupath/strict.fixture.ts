// For tests: QuPath's reader of objects, written again from what its versions do with a file (QuPathTypeAdapters, ROITypeAdapters,
// PathClassTypeAdapter and PathIO of qupath-core), and strict: it throws where QuPath refuses a file, and where QuPath would
// quietly take an object for something else or lose a part of it.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Position, type StrictGeometry, strictGeometry } from "./strict-geometry.fixture.ts";

export const qupathVersions = ["0.4", "0.5", "0.6", "0.7"] as const;
export type QupathVersion = (typeof qupathVersions)[number];

export interface QupathObject {
  readonly id: string | null;
  readonly type: string;
  /** The names of its class, from the base on; none for no class. */
  readonly classes: readonly string[];
  readonly name: string | null;
  readonly isLocked: boolean;
  readonly measurements: { readonly [name: string]: number };
  readonly metadata: { readonly [key: string]: string };
  readonly geometry: StrictGeometry | null;
  readonly nucleus: StrictGeometry | null;
}

type Json = { readonly [key: string]: unknown };

/** The objects of a .geojson, .json or .geojson.gz file as QuPath reads it, parents before children. */
export function qupathObjectsOfFile(file: string, version: QupathVersion): QupathObject[] {
  if (!/\.(geo)?json(\.gz)?$/i.test(file)) throw new Error(`${file}: QuPath does not know this ending`);
  const bytes = readFileSync(file);
  return qupathObjects((/\.gz$/i.test(file) ? gunzipSync(bytes) : bytes).toString(), version);
}

/** The objects of GeoJSON as QuPath reads it: a FeatureCollection, a list or a single feature; parents before children. */
export function qupathObjects(text: string, version: QupathVersion): QupathObject[] {
  const objects: QupathObject[] = [];
  const ids = new Set<string>();
  const root: unknown = JSON.parse(text);
  if (Array.isArray(root)) root.forEach((each, i) => read(each, `[${i}]`));
  else if (jsonOf(root, "").type === "FeatureCollection")
    listOf(jsonOf(root, "").features, "features").forEach(readOf("features"));
  else read(root, "");
  return objects;

  function readOf(list: string) {
    return (each: unknown, i: number) => read(each, `${list}[${i}]`);
  }

  function read(each: unknown, at: string): void {
    const feature = jsonOf(each, at);
    if (feature.type !== "Feature") throw fault(at, `is passed over: its type is ${shown(feature.type)}`);
    const properties = jsonOf(feature.properties, `${at}.properties`);
    const id = idOf(feature, at);
    if (id !== null && ids.has(id)) throw fault(at, `the id ${id} is there twice`);
    if (id !== null) ids.add(id);
    const type = typeOf(feature, properties, at);
    if (properties.name === null) throw fault(`${at}.properties.name`, "null throws UnsupportedOperationException");
    if (properties.color !== undefined) colourOf(properties.color, `${at}.properties.color`, [3]);
    if (![undefined, true, false].includes(properties.isLocked as undefined))
      throw fault(`${at}.properties.isLocked`, "is not true or false");
    objects.push({
      id,
      type,
      classes: classesOf(properties.classification, `${at}.properties.classification`),
      name: properties.name === undefined ? null : textOf(properties.name, `${at}.properties.name`),
      isLocked: properties.isLocked === true,
      measurements: measurementsOf(properties.measurements, version, `${at}.properties.measurements`),
      metadata: metadataOf(properties.metadata, { version, type }, `${at}.properties.metadata`),
      geometry: geometryOf(feature.geometry, version, `${at}.geometry`),
      nucleus:
        feature.nucleusGeometry === undefined ? null : geometryOf(feature.nucleusGeometry, version, `${at}.nucleusGeometry`),
    });
    const children = properties.childObjects ?? properties.children;
    if (children !== undefined)
      listOf(children, `${at}.properties.childObjects`).forEach(readOf(`${at}.properties.childObjects`));
  }
}

/** Names of types of version 0.2, which had them as the id. */
const OLD_TYPES: { readonly [id: string]: string } = {
  PathTileObject: "tile",
  PathCellObject: "cell",
  TMACoreObject: "tmaCore",
  PathDetectionObject: "detection",
  PathRootObject: "root",
  PathAnnotationObject: "annotation",
};
const TYPES: readonly unknown[] = Object.values(OLD_TYPES);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function idOf({ id }: Json, at: string): string | null {
  if (id === undefined || (typeof id === "string" && id in OLD_TYPES)) return null;
  if (typeof id !== "string" || !UUID.test(id)) throw fault(`${at}.id`, `${shown(id)} is no UUID, so QuPath gives another`);
  return id.toLowerCase();
}

function typeOf({ id }: Json, { objectType, object_type, type }: Json, at: string): string {
  const name = objectType ?? object_type ?? type ?? OLD_TYPES[String(id)];
  if (name === undefined) throw fault(`${at}.properties`, "has no objectType, so it becomes an annotation");
  if (!TYPES.includes(name === "tma_core" ? "tmaCore" : name))
    throw fault(`${at}.properties.objectType`, `${shown(name)} is unknown, so it becomes an annotation`);
  return name as string;
}

function classesOf(value: unknown, at: string): string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return namesOf(value.split(":"), at);
  const object = jsonOf(value, at);
  if (Object.keys(object).length === 0) return [];
  if ("colorRGB" in object || "parentClass" in object) {
    const parents = classesOf(object.parentClass, `${at}.parentClass`);
    return [...parents, ...namesOf([textOf(object.name, `${at}.name`)], at)];
  }
  if (!("color" in object) || !("name" in object || "names" in object))
    throw fault(at, 'throws "Unable to parse PathClass": it needs a name and a color');
  colourOf(object.color, `${at}.color`, [3, 4]);
  if ("name" in object) return namesOf(textOf(object.name, `${at}.name`).split(":"), at);
  return namesOf(
    listOf(object.names, `${at}.names`).map((name) => textOf(name, `${at}.names`)),
    at,
  );
}

function namesOf(names: readonly string[], at: string): string[] {
  return names.map((name) => {
    if (name.trim() === "" || /[\n\r:]/.test(name)) throw fault(at, `${shown(name)} is not a valid name of a class`);
    return name.trim();
  });
}

function colourOf(value: unknown, at: string, lengths: readonly number[]): void {
  const parts = listOf(value, at);
  const isByte = (part: unknown) => Number.isInteger(part) && Number(part) >= 0 && Number(part) <= 255;
  if (!lengths.includes(parts.length) || !parts.every(isByte))
    throw fault(at, `expected whole numbers from 0 to 255, got ${shown(value)}`);
}

/** An object since 0.4, a list of {name, value} before; both are read. */
function measurementsOf(value: unknown, version: QupathVersion, at: string): { [name: string]: number } {
  if (value === undefined) return {};
  if (Array.isArray(value))
    return Object.fromEntries(
      value.map((each, i) => {
        const { name, value: number } = jsonOf(each, `${at}[${i}]`);
        return [textOf(name, `${at}[${i}].name`), typeof number === "string" ? parseDouble(number, at) : numberOf(number, at)];
      }),
    );
  return Object.fromEntries(
    Object.entries(jsonOf(value, at)).map(([name, number]) => {
      if (typeof number !== "string") return [name, numberOf(number, `${at}.${name}`)];
      if (version === "0.4") throw fault(`${at}.${name}`, "text throws ClassCastException");
      const special = ({ nan: NaN, inf: Infinity, "-inf": -Infinity } as Record<string, number>)[number.toLowerCase()];
      return [name, special ?? parseDouble(number, `${at}.${name}`)];
    }),
  );
}

/** As Java's Double.parseDouble, for plain decimals. */
function parseDouble(text: string, at: string): number {
  if (!/^\s*([+-]?(NaN|Infinity)|[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)\s*$/i.test(text) || /nan|infinity/.test(text.trim()))
    throw fault(at, `${shown(text)} throws NumberFormatException`);
  return Number(text.replace(/[+-]?NaN/, "NaN"));
}

/** A map of texts: of annotations and cores, and since 0.5 of every object. */
function metadataOf(value: unknown, { version, type }: { version: QupathVersion; type: string }, at: string) {
  if (value === undefined) return {};
  if (version === "0.4" && type !== "annotation" && type !== "tmaCore") throw fault(at, `of a ${type} is lost`);
  const entries = Object.entries(jsonOf(value, at));
  for (const [key, each] of entries)
    if (!["string", "number", "boolean"].includes(typeof each)) throw fault(`${at}.${key}`, `${shown(each)} is lost`);
  return Object.fromEntries(entries.map(([key, each]) => [key, String(each)]));
}

function geometryOf(value: unknown, version: QupathVersion, at: string): StrictGeometry | null {
  if (value === undefined || value === null) throw fault(at, "throws NullPointerException; {} is an object without a ROI");
  const geometry = jsonOf(value, at);
  if (!("type" in geometry)) return null;
  return strictGeometry(geometry as { type: unknown; coordinates?: Position[] }, {
    // since 0.6 coordinates are put on a grid of 0.01 pixels, which fails where a polygon is not valid
    isReduced: version === "0.6" || version === "0.7",
    fault: (message) => fault(at, message),
  });
}

const fault = (at: string, message: string): Error => new Error(`${at || "the file"}: ${message}`);
const shown = (value: unknown): string => JSON.stringify(value) ?? "missing";

function jsonOf(value: unknown, at: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw fault(at, `expected an object, got ${shown(value)}`);
  return value as Json;
}

function listOf(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw fault(at, `expected a list, got ${shown(value)}`);
  return value;
}

function textOf(value: unknown, at: string): string {
  if (typeof value !== "string") throw fault(at, `expected text, got ${shown(value)}`);
  return value;
}

function numberOf(value: unknown, at: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw fault(at, `expected a number, got ${shown(value)}`);
  return value;
}
