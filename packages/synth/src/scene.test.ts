import { describe, expect, it } from 'vitest';
import { tracePolygons } from './polygon.js';
import { Prng } from '@maskloom/core';
import { writeQuestions } from './reasoning.js';
import { makeScene, type Scene } from './scene.js';
import { COLOURS, INVENTED, SHAPES } from './vocabulary.js';

const SIZES = [
  [128, 128],
  [160, 96],
  [72, 144],
  [64, 64],
  [256, 192],
] as const;
const scenes = SIZES.flatMap(([w, h], k) =>
  Array.from({ length: k === 0 ? 120 : 40 }, (_, i) => makeScene(5_000_000 + 1000 * k + i, w, h)),
);

describe('scenes', () => {
  it('label every pixel with one segment whose area, box and centre are exact', () => {
    for (const scene of scenes) {
      const { labels, width, height } = scene;
      expect([scene.rgb.length, labels.length]).toEqual([width * height * 3, width * height]);
      const ids = [...scene.things, ...scene.stuff].map((s) => s.id);
      expect(new Set(labels)).toEqual(new Set([...ids, ...(labels.includes(0) ? [0] : [])]));
      const members = new Map<number, number[]>();
      labels.forEach((id, p) => void (members.get(id)?.push(p) ?? members.set(id, [p])));
      for (const segment of [...scene.things, ...scene.stuff]) {
        const pixels = members.get(segment.id) ?? [];
        const xs = pixels.map((p) => p % width);
        const ys = pixels.map((p) => Math.floor(p / width));
        const [left, top] = [Math.min(...xs), ys[0] ?? 0];
        expect(segment.area).toBe(pixels.length);
        expect(segment.area).toBeGreaterThanOrEqual(30);
        expect(segment.bbox).toEqual([left, top, Math.max(...xs) - left + 1, (ys.at(-1) ?? 0) - top + 1]);
        if (!('centre' in segment)) continue;
        const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
        expect(Math.abs(segment.centre[0] - mean(xs))).toBeLessThan(0.0051);
        expect(Math.abs(segment.centre[1] - mean(ys))).toBeLessThan(0.0051);
      }
    }
  });

  it('show 1 to 6 things and 1 to 4 stuffs, half of the things from invented classes, half of the scenes with rivals', () => {
    const things = scenes.flatMap((s) => s.things);
    expect(
      scenes.every(
        (s) => s.things.length >= 1 && s.things.length <= 6 && s.stuff.length >= 1 && s.stuff.length <= 4,
      ),
    ).toBe(true);
    const invented = things.filter((t) => t.invented !== null).length / things.length;
    expect(invented).toBeGreaterThan(0.45);
    expect(invented).toBeLessThan(0.6);
    const rivals =
      scenes.filter((s) => new Set(s.things.map((t) => t.shape)).size < s.things.length).length /
      scenes.length;
    expect(rivals).toBeGreaterThan(0.45);
    for (const word of [...SHAPES, ...COLOURS])
      expect(
        things.some((t) => t.shape === word || t.colour === word),
        word,
      ).toBe(true);
    expect(
      things
        .filter((t) => t.invented !== null)
        .every((t) =>
          INVENTED.some(
            (c) =>
              c.name === t.invented &&
              c.shape === t.shape &&
              c.colour === t.colour &&
              c.texture === t.texture,
          ),
        ),
    ).toBe(true);
  });

  it('have 28 invented classes with different names and triples', () => {
    expect(new Set(INVENTED.map((c) => c.name)).size).toBe(28);
    expect(new Set(INVENTED.map((c) => `${c.shape} ${c.colour} ${c.texture}`)).size).toBe(28);
  });
});

/** Fills polygons with their boundary, even-odd, all joined: what readers of labelme-like files do. */
function fill(polygons: ReturnType<typeof tracePolygons>, scene: Scene): Set<number> {
  const set = new Set<number>();
  const add = (x: number, y: number): void => void set.add(y * scene.width + x);
  for (const polygon of polygons) {
    const edges = polygon.map((a, i) => [a, polygon[(i + 1) % polygon.length] ?? a] as const);
    for (const [[x1, y1], [x2, y2]] of edges) {
      const steps = Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1), 1);
      for (let t = 0; t <= steps; t++) add(x1 + ((x2 - x1) * t) / steps, y1 + ((y2 - y1) * t) / steps);
    }
    const ys = polygon.map(([, y]) => y);
    for (let y = Math.min(...ys); y <= Math.max(...ys); y++) {
      const cuts = edges
        .filter(([[, y1], [, y2]]) => y1 > y !== y2 > y)
        .map(([[x1, y1], [x2, y2]]) => x1 + ((x2 - x1) * (y - y1)) / (y2 - y1))
        .sort((a, b) => a - b);
      for (let c = 0; c + 1 < cuts.length; c += 2) {
        for (let x = Math.ceil(cuts[c] ?? 0); x <= (cuts[c + 1] ?? 0); x++) add(x, y);
      }
    }
  }
  return set;
}

describe('traced polygons', () => {
  it('give each segment back exactly when filled with their boundary, holes and thin parts included', () => {
    let holes = 0;
    for (const scene of scenes.slice(0, 80)) {
      for (const segment of [...scene.things, ...scene.stuff]) {
        const polygons = tracePolygons(scene.labels, scene.width, segment.id, segment.bbox);
        const pixels = new Set([...scene.labels.keys()].filter((p) => scene.labels[p] === segment.id));
        expect(fill(polygons, scene), `${scene.seed} segment ${segment.id}`).toEqual(pixels);
        if (polygons.length > 1) holes++;
      }
    }
    expect(holes).toBeGreaterThan(20);
  });
});

describe('reasoning questions', () => {
  it('have one right answer each, by an independent reading', () => {
    const answers: [RegExp, (t: Scene['things'][number]) => boolean][] = [
      [/roll|wheel/, (t) => ['circle', 'ring'].includes(t.shape)],
      [/tomato|blood|fire engine/, (t) => t.colour === 'red'],
      [/chocolate|bear|coffee/, (t) => t.colour === 'brown'],
      [/zebra|crosswalk/, (t) => t.texture === 'striped'],
      [/ladybird|leopard/, (t) => t.texture === 'dotted'],
      [/five points|tips/, (t) => t.shape === 'star'],
      [/moon at|new moon|young moon|banana\?|outline of a banana/, (t) => t.shape === 'crescent'],
      [/exactly four corners|equal length/, (t) => ['square', 'diamond'].includes(t.shape)],
    ];
    const stuff: [RegExp, number][] = [
      [/snowman|ski/, 15],
      [/boat|fish/, 12],
      [/cow|mow/, 13],
      [/camel|castle/, 14],
      [/climber|hardest/, 16],
      [/bird fly|birds fly|clouds/, 11],
    ];
    let checked = 0;
    for (const scene of scenes) {
      for (const { text, isSentence, segment } of writeQuestions(new Prng(scene.seed, 2), scene)) {
        expect([...scene.things, ...scene.stuff].some((s) => s.id === segment)).toBe(true);
        expect(text).toHaveLength(2);
        for (const line of text) {
          expect(line).toMatch(isSentence ? /^[a-z]+( [a-z]+)*\?$/ : /^the( [a-z]+)+$/);
          const rule = answers.find(([pattern]) => pattern.test(line));
          const ground = stuff.find(([pattern]) => pattern.test(line));
          if (ground) expect(segment, line).toBe(ground[1]);
          else if (rule)
            expect(
              scene.things.filter(rule[1]).map((t) => t.id),
              `${scene.seed}: ${line}`,
            ).toEqual([segment]);
          else continue;
          checked++;
        }
      }
    }
    expect(checked).toBeGreaterThan(100);
  });
});
