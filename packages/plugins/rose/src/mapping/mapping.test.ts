import { describe, expect, it } from 'vitest';
import { conformanceCases, fakeRun } from '@maskloom/core/conformance';
import { contextOf, toyHost } from '../toy-rose.test.helper.js';
import { exactOrSynonym } from './exact-or-synonym.js';
import { sentenceSimilarity } from './sentence-similarity.js';
import { siglipSimilarity } from './siglip-similarity.js';

describe('exactOrSynonym', () => {
  it('knows a label whatever its case, a synonym by its table, and nothing else', async () => {
    const stage = await exactOrSynonym({ synonyms: { 'Half Moon': 'crescent', puppy: 'dog' } }).create(
      contextOf(toyHost()),
    );
    const matches = await stage.map(
      ['Traffic-light', 'half  moon', 'puppy', 'cat'],
      ['traffic light', 'Crescent'],
      fakeRun(),
    );
    expect(matches).toEqual([
      { label: 'traffic light', score: 1, how: 'exact' },
      { label: 'Crescent', score: 1, how: 'synonym' },
      // Its synonym is not among the labels.
      { label: undefined, score: 0, how: 'none' },
      { label: undefined, score: 0, how: 'none' },
    ]);
  });

  it.each(conformanceCases('LabelMapper', exactOrSynonym()).map((c) => [c.name, c] as const))('%s', (_, c) =>
    c.run(),
  );
});

describe('siglipSimilarity', () => {
  it('takes the nearest label, an equal one without asking, and none below the least cosine', async () => {
    const models = toyHost();
    const nearest = await siglipSimilarity().create(contextOf(models));
    expect(await nearest.map(['b'], ['a', 'b'], fakeRun())).toEqual([{ label: 'b', score: 1, how: 'exact' }]);
    expect(models.runs).toEqual([]);
    // 'f' points where 'a' does (five letters on); 'b' and 'c' elsewhere.
    expect(await nearest.map(['f', 'd'], ['a', 'b'], fakeRun())).toEqual([
      { label: 'a', score: 1, how: 'similarity' },
      { label: 'a', score: 0, how: 'similarity' },
    ]);
    const strict = await siglipSimilarity({ least: 0.5 }).create(contextOf(toyHost()));
    expect((await strict.map(['f', 'd'], ['a', 'b'], fakeRun())).map(({ label }) => label)).toEqual([
      'a',
      undefined,
    ]);
  });

  it('says of a name that comes again what it said before, in the order asked', async () => {
    const stage = await siglipSimilarity().create(contextOf(toyHost()));
    const names = ['f', 'b', 'd', '?!', 'f', 'd'];
    const alone = await Promise.all(names.map((name) => stage.map([name], ['a', 'b'], fakeRun())));
    expect(await stage.map(names, ['a', 'b'], fakeRun())).toEqual(alone.flat());
  });

  it('has nothing to say about names without letters, or without labels', async () => {
    const stage = await siglipSimilarity().create(contextOf(toyHost()));
    expect(await stage.map(['?!'], ['a'], fakeRun())).toEqual([{ label: undefined, score: 0, how: 'none' }]);
    expect(await stage.map(['x'], [], fakeRun())).toEqual([{ label: undefined, score: 0, how: 'none' }]);
  });

  it.each(
    conformanceCases('LabelMapper', siglipSimilarity(), { host: () => toyHost() }).map(
      (c) => [c.name, c] as const,
    ),
  )('%s', (_, c) => c.run());
});

describe('sentenceSimilarity', () => {
  /** A host whose sentence embedder is the toy's SigLIP text tower. */
  const host = () => {
    const toy = toyHost();
    const rename = (role: string): string => (role === 'sentenceText' ? 'siglipText' : role);
    const preset = (name: string): unknown => toy.preset(name === 'sentence' ? 'siglip' : name);
    const models = {
      ...toy,
      model: (role: string) => toy.model(rename(role)),
      ports: (role: string) => toy.ports(rename(role)),
      tokenizer: () => toy.tokenizer(),
      scope: () => toy.scope(),
      preset,
    };
    return { ...models, recipe: async () => models } as unknown as ReturnType<typeof toyHost>;
  };

  it('takes the label that is most alike, an equal one as it is', async () => {
    const stage = await sentenceSimilarity({ least: 0.5 }).create(contextOf(host()));
    expect(await stage.map(['f', 'b', 'd'], ['a', 'b'], fakeRun())).toEqual([
      { label: 'a', score: 1, how: 'similarity' },
      { label: 'b', score: 1, how: 'exact' },
      { label: undefined, score: 0, how: 'similarity' },
    ]);
  });
});
