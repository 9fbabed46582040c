// Seeded masks like those of photographs: outlines of 8 to 40 wobbly corners, of all sizes, in 640 x 480.
import { decodeMask, maskArea, maskOfPolygons } from '@maskloom/core';

const WIDTH = 640;
const HEIGHT = 480;
const CATEGORIES = 80;

/** mulberry32: numbers in [0, 1). */
export function generator(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function outline(draw) {
  const size = 8 * 2 ** (5 * draw());
  const [cx, cy] = [draw() * WIDTH, draw() * HEIGHT];
  const corners = 8 + Math.floor(32 * draw());
  return Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    const radius = size * (0.6 + 0.6 * draw());
    return [cx + radius * Math.cos(angle), cy + 0.8 * radius * Math.sin(angle)];
  });
}

function moved(draw, corners, spread) {
  const size = Math.abs(corners[0][0] - corners[corners.length >> 1][0]) + 4;
  const [dx, dy] = [(draw() - 0.5) * spread * size, (draw() - 0.5) * spread * size];
  return corners.map(([x, y]) => [
    x + dx + (draw() - 0.5) * spread * 4,
    y + dy + (draw() - 0.5) * spread * 4,
  ]);
}

const maskOf = (corners) => maskOfPolygons([corners.flat()], WIDTH, HEIGHT);

/** A data set in COCO's form: about 7 truths and 20 detections per image. */
export function makeScenes(count) {
  const draw = generator(1);
  const truths = { info: {}, images: [], categories: [], annotations: [] };
  for (let id = 1; id <= CATEGORIES; id++) truths.categories.push({ id, name: `class ${id}` });
  const detections = [];
  for (let id = 1; id <= count; id++) {
    truths.images.push({ id, width: WIDTH, height: HEIGHT });
    const kinds = Array.from({ length: 3 }, () => 1 + Math.floor(CATEGORIES * draw()));
    const detect = (category, corners) =>
      detections.push({ image_id: id, category_id: category, score: draw(), segmentation: maskOf(corners) });
    for (let i = Math.floor(14 * draw()); i >= 0; i--) {
      const category = kinds[Math.floor(3 * draw())];
      const corners = outline(draw);
      const segmentation = maskOf(corners);
      const area = maskArea(segmentation);
      if (area === 0) continue;
      const iscrowd = draw() < 0.03 ? 1 : 0;
      truths.annotations.push({
        id: truths.annotations.length + 1,
        image_id: id,
        category_id: category,
        area,
        iscrowd,
        segmentation,
      });
      for (let k = Math.floor(4 * draw()); k > 0; k--) detect(category, moved(draw, corners, 0.4 * draw()));
    }
    for (let k = 0; k < 8; k++) detect(kinds[Math.floor(3 * draw())], outline(draw));
  }
  return { truths, detections };
}

/** Masks of 0 and 1, rows first, one after the other. */
export function makeMasks(count) {
  const draw = generator(2);
  const all = new Uint8Array(count * WIDTH * HEIGHT);
  const each = Array.from({ length: count }, (_, i) => {
    const polygons = [outline(draw), outline(draw)].map((corners) => corners.flat());
    const pixels = all.subarray(i * WIDTH * HEIGHT, (i + 1) * WIDTH * HEIGHT);
    pixels.set(decodeMask(maskOfPolygons(polygons, WIDTH, HEIGHT)).pixels);
    return pixels;
  });
  return { all, each, shape: [count, HEIGHT, WIDTH] };
}

/** Tables of 50 detections and 10 truths. */
export function makeTables(count) {
  const draw = generator(3);
  return Array.from({ length: count }, () => {
    const truths = Array.from({ length: 10 }, () => outline(draw));
    const detections = Array.from({ length: 50 }, (_, i) => moved(draw, truths[i % 10], 0.5 * draw()));
    return [detections.map(maskOf), truths.map(maskOf)];
  });
}

/** True and predicted class maps: regions around seeded points, the prediction's moved a little and some named wrongly. */
export function makeClassMaps(count, classes) {
  const draw = generator(5);
  return Array.from({ length: count }, () => {
    const places = Array.from({ length: 12 + Math.floor(20 * draw()) }, () => ({
      x: draw() * WIDTH,
      y: draw() * HEIGHT,
      kind: draw() < 0.05 ? 255 : Math.floor(classes * draw()),
    }));
    const found = places.map(({ x, y, kind }) => ({
      x: x + 12 * (draw() - 0.5),
      y: y + 12 * (draw() - 0.5),
      kind: kind === 255 || draw() < 0.2 ? Math.floor(classes * draw()) : kind,
    }));
    return { width: WIDTH, height: HEIGHT, truth: nearest(places), prediction: nearest(found) };
  });
}

function nearest(places) {
  return Uint8Array.from({ length: WIDTH * HEIGHT }, (_, p) => {
    const [x, y] = [p % WIDTH, Math.floor(p / WIDTH)];
    let [best, kind] = [Infinity, 0];
    for (const place of places) {
      const away = (place.x - x) ** 2 + (place.y - y) ** 2;
      if (away < best) [best, kind] = [away, place.kind];
    }
    return kind;
  });
}
