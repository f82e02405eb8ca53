// Land and borders of the world as one small SVG: plate carrée, a unit is a degree, north is up.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { feature, mesh } from "topojson-client";
import { presimplify, simplify } from "topojson-simplify";

const require = createRequire(import.meta.url);
const DIGITS = 2;

function round(value) {
  return Number(value.toFixed(DIGITS));
}

// relative moves are shorter than absolute ones; rounding is of the absolute place, so errors do not add up
function line(points, close) {
  let [x, y] = [round(points[0][0]), round(-points[0][1])];
  let text = `M${x} ${y}l`;
  const steps = [];
  for (const [lon, lat] of close ? points.slice(1, -1) : points.slice(1)) {
    const [nextX, nextY] = [round(lon), round(-lat)];
    if (nextX === x && nextY === y) continue;
    steps.push(`${round(nextX - x)} ${round(nextY - y)}`);
    [x, y] = [nextX, nextY];
  }
  text += steps.join(" ").replaceAll(" -", "-").replaceAll(/(^|[ -])0\./g, "$1.");
  return steps.length ? text + (close ? "z" : "") : "";
}

function rings(geometry) {
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(rings);
  if (geometry.type === "MultiPolygon") return geometry.coordinates.flat();
  return geometry.type === "Polygon" ? geometry.coordinates : [];
}

// Rings that cross the 180th meridian go on beyond it, and are drawn twice; one around a pole is closed over it.
function unrolled(ring) {
  const found = [[...ring[0]]];
  for (const [lon, lat] of ring.slice(1)) {
    const before = found[found.length - 1][0];
    found.push([lon + 360 * Math.round((before - lon) / 360), lat]);
  }
  const turned = found[found.length - 1][0] - found[0][0];
  if (Math.abs(turned) > 180) {
    const pole = found[0][1] < 0 ? -90 : 90;
    found.push([found[found.length - 1][0], pole], [found[0][0], pole], [...found[0]]);
  }
  const lons = found.map((point) => point[0]);
  const shifts = [0];
  if (Math.max(...lons) > 180) shifts.push(-360);
  if (Math.min(...lons) < -180) shifts.push(360);
  return shifts.map((shift) => found.map(([lon, lat]) => [lon + shift, lat]));
}

function cut(points) {
  const found = [[points[0]]];
  for (const point of points.slice(1)) {
    const last = found[found.length - 1];
    if (Math.abs(point[0] - last[last.length - 1][0]) > 180) found.push([point]);
    else last.push(point);
  }
  return found.filter((one) => one.length > 1);
}

function height(ring) {
  const lats = ring.map((point) => point[1]);
  const lons = ring.map((point) => point[0]);
  return Math.max(Math.max(...lats) - Math.min(...lats), Math.max(...lons) - Math.min(...lons));
}

/** The outline; `detail` is the least area, in square degrees, of the triangles that its corners span. */
export async function worldSvg(detail) {
  const raw = JSON.parse(await readFile(require.resolve("world-atlas/countries-50m.json"), "utf8"));
  const world = simplify(presimplify(raw), detail);
  const land = feature(world, world.objects.land);
  const shapes = land.type === "FeatureCollection" ? land.features.map((one) => one.geometry) : [land.geometry];
  const coast = shapes.flatMap(rings).flatMap(unrolled).filter((ring) => height(ring) > 0.25)
    .map((ring) => line(ring, true)).join("");
  const borders = mesh(world, world.objects.countries, (one, other) => one !== other)
    .coordinates.flatMap(cut).map((points) => line(points, false)).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -90 360 180">` +
    `<path id="land" vector-effect="non-scaling-stroke" d="${coast}"/><path id="borders" fill="none" vector-effect="non-scaling-stroke" d="${borders}"/></svg>`;
}
