import type { SegmentRequest } from '@maskloom/core';
import { expect, it } from 'vitest';
import { swappedAnswers } from '../runner/swapped-answers.js';
import { anyName } from './any-name.js';
import { instances } from './instances.js';
import { asking, block, figuresOf, found, HEAD, SCENE } from './oracle.test-helper.js';
import { premises } from './premises.js';
import { prompted } from './prompted.js';
import { protocols } from './protocols.js';
import { reasoning } from './reasoning.js';
import { DEFAULT_SWITCHES } from './protocol.js';
import { freeSemantic, semantic } from './semantic.js';
import { twoTargets } from './two-targets.js';

const measures = (protocol: typeof anyName) => protocol.measures(HEAD, DEFAULT_SWITCHES);

it('names aside, what is where counts; and how much of it has its exact name', async () => {
  const [star, ring, grass] = SCENE.segments.map(({ mask }) => mask) as [never, never, never];
  const context = await asking(() => [
    found('star', star, 0.9),
    found('Ring', ring, 0.8),
    found('lawn', grass, 0.7),
    // A second answer for the star finds it taken, whatever it is called.
    found('star', block(1, 1, 6, 5), 0.6),
  ]);
  const { parts } = await anyName.ask(context);
  expect(figuresOf(measures(anyName), parts)).toMatchObject({ AP50: 1, 'exact name': 1 / 3, recall: 1 });
  const poor = await anyName.ask(await asking(() => [found('star', block(1, 1, 6, 2))]));
  // A third of the star overlaps it, and is no match.
  expect(figuresOf(measures(anyName), poor.parts)).toMatchObject({ AP50: 0, recall: 0 });
});

it('shows every region by its box, its innermost pixel, any pixel of it, or both', async () => {
  const masks = new Map(SCENE.segments.map(({ id, mask }) => [String(id), mask]));
  const seen: string[] = [];
  const byBox = ({ prompts = [] }: SegmentRequest) =>
    prompts.flatMap(({ label = '', box, points }) => {
      seen.push(
        `${label} ${box === undefined ? '' : `${box.x},${box.y},${box.width},${box.height}`} ${points?.xy.join() ?? ''}`,
      );
      const mask = masks.get(label);
      return mask === undefined || box === undefined ? [] : [found(label, mask)];
    });
  const { parts, answers } = await prompted.ask(await asking(byBox));
  const figures = figuresOf(measures(prompted), parts);
  expect(figures).toMatchObject({
    'mIoU box all': 1,
    'mIoU box things': 1,
    'mIoU box stuff': 1,
    'mIoU point all': 0,
    'mIoU random point all': 0,
    'mIoU box and point all': 1,
  });
  expect(seen.slice(0, 4).map((line) => line.trim())).toEqual([
    '1 1,1,6,6',
    '2 10,1,6,6',
    '3 0,10,20,10',
    '1  3,3',
  ]);
  expect(answers.map(({ text }) => text)).toEqual(['box', 'point', 'random point', 'box and point']);
  const again = await prompted.ask(await asking(byBox));
  expect(again.parts).toEqual(parts);
});

it('asks for two targets in one question, and wants each in its place', async () => {
  const scene = {
    ...SCENE,
    expressions: ['star', 'ring'].map((text, i) => ({
      text,
      targets: [i + 1],
      present: true,
      kind: 'attribute',
    })),
  };
  const masks = new Map(SCENE.segments.map(({ mask }, i) => [['star', 'ring', 'grass'][i], mask]));
  const both = ({ text = '' }: SegmentRequest) =>
    text.split(' and ').map((part) => found(part, masks.get(part) as never));
  const right = await twoTargets.ask(await asking(both, { scene }));
  expect(right.answers[0]?.text).toBe('star and ring');
  expect(figuresOf(measures(twoTargets), right.parts)).toEqual({ 'two masks': 1, gIoU: 1 });
  const turned = await twoTargets.ask(await asking((request) => both(request).toReversed(), { scene }));
  expect(figuresOf(measures(twoTargets), turned.parts)).toEqual({ 'two masks': 1, gIoU: 0 });
});

it('scores each image by the answer to the next one of its size, as a control', async () => {
  const all = SCENE.segments.map(({ mask }, i) => found(HEAD.categories[i]?.name ?? '', mask));
  const { answers, parts } = await semantic.ask(await asking(() => all));
  expect(figuresOf(measures(semantic).slice(0, 1), parts)['mIoU']).toBe(1);
  const other = { ...SCENE, id: 8, segments: SCENE.segments.slice(0, 1) };
  const small = { ...SCENE, id: 9, width: 10 };
  const scenes = [SCENE, small, other];
  const swapped = swappedAnswers(semantic, { read: (i: number) => scenes[i] as never, head: HEAD });
  swapped.see(0, () => answers);
  swapped.see(1, () => answers);
  swapped.see(2, () => [{ text: 'semantic', segments: [], outcome: 'empty' }]);
  const [first, last, ...more] = swapped.parts();
  expect(more).toEqual([]);
  // The picture with everything is answered with nothing, the one with a star by an answer that has it.
  expect([first?.[0], last?.[0]]).toEqual([0, 2]);
  expect(figuresOf(measures(semantic).slice(0, 1), first?.[1] ?? {})['mIoU']).toBe(0);
  expect(figuresOf(measures(semantic).slice(0, 1), last?.[1] ?? {})['mIoU']).toBe(1);
  expect(swappedAnswers({}, { read: () => SCENE, head: HEAD }).parts()).toEqual([]);
});

it('lets answers be put in the mouth where masks alone are scored, and nowhere else', () => {
  expect(protocols().flatMap(({ name, canForce }) => (canForce === true ? [name] : []))).toEqual([
    'referring',
    'reasoning',
  ]);
});

it('tells a refusal from an empty mask, in what is kept and in the figures', async () => {
  const phrases = ['the star', 'the moon', 'the sea'].map((text, i) => ({
    text,
    targets: i === 0 ? [1] : [],
    present: i === 0,
    kind: 'stuff',
  }));
  const context = await asking(
    ({ text = '' }) => {
      if (text === 'the moon') return [found(text, block(0, 0, 0, 0))];
      return text === 'the sea' ? [] : [found(text, block(1, 1, 6, 6))];
    },
    { scene: { ...SCENE, premises: phrases } },
  );
  const { parts, answers } = await premises.ask(context);
  expect(answers.map(({ outcome }) => outcome)).toEqual(['segmented', 'empty', 'refused']);
  expect(figuresOf(measures(premises), parts)).toMatchObject({
    See: 1,
    refused: 1 / 3,
    'empty mask': 1 / 3,
  });
});

it('asks phrases by the short question and whole questions by the long one, where the weights have them', async () => {
  const asked: string[] = [];
  const listening = (name: string) =>
    asking(({ text = '' }) => (asked.push(`${name}: ${text}`), [])).then(({ pipeline }) => pipeline);
  const scene = {
    ...SCENE,
    questions: [
      { texts: ['something to wear'], isSentence: false },
      { texts: ['Which of these shines at night?'], isSentence: true },
    ],
  };
  const { pipeline, ...rest } = await asking(() => [], { scene });
  await reasoning.ask({ ...rest, pipeline, helpers: { short: await listening('short') } });
  await reasoning.ask({ ...rest, pipeline, helpers: { long: await listening('long') } });
  expect(asked).toEqual(['short: something to wear', 'long: Which of these shines at night?']);
});

it('counts written names for the classes that a mapper says, each name asked once, and keeps what it said', async () => {
  const [star, ring, grass] = SCENE.segments.map(({ mask }) => mask) as [never, never, never];
  const answer = () => [found('asterisk', star, 0.9), found('hoop', ring, 0.8), found('lawn', grass, 0.7)];
  const words: Readonly<Record<string, string>> = { asterisk: 'star', hoop: 'ring', lawn: 'grass' };
  const asked: (readonly string[])[] = [];
  const mapper = async (names: readonly string[], classes: readonly string[]) => {
    asked.push(names, classes);
    return Object.fromEntries(names.map((name) => [name, words[name] ?? null]));
  };
  for (const [protocol, figure] of [
    [freeSemantic, 'mIoU'],
    [instances, 'AP50'],
  ] as const) {
    const plain = await protocol.ask(await asking(answer));
    expect(figuresOf(measures(protocol).slice(0, 1), plain.parts)[figure], protocol.name).toBe(0);
    expect(plain.answers[0]?.mapping).toBeUndefined();
    const mapped = await protocol.ask(await asking(answer, { mapper }));
    expect(figuresOf(measures(protocol).slice(0, 1), mapped.parts)[figure], protocol.name).toBeCloseTo(1, 12);
    expect(mapped.answers[0]?.mapping).toEqual(words);
    if (protocol.recount !== undefined)
      expect(protocol.recount(mapped.answers, SCENE, HEAD)).toEqual(mapped.parts);
  }
  expect(asked[0]).toEqual(['asterisk', 'hoop', 'lawn']);
  expect(asked[1]).toEqual(['star', 'ring', 'grass']);
});
