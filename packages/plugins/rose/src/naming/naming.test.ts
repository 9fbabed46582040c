import { describe, expect, it } from 'vitest';
import { localTensor, type CategoryGenerator, type LanguageSession } from '@maskloom/core';
import { conformanceCases, fakeRun, noise } from '@maskloom/core/conformance';
import { contextOf, HIDDEN, TEXT, toyHost } from '../toy-rose.test.helper.js';
import { alongRegion } from './along-region.js';
import { nameByRequest } from './by-request.js';
import { decodeEmbedding } from './decode-embedding.js';
import { similarityOverCandidates } from './similarity-over-candidates.js';
import { similarities } from './similarity.js';

const embeddings = (count: number) => localTensor([count, HIDDEN], noise(count * HIDDEN, 3));
const unit = (...axes: number[]) =>
  localTensor(
    [axes.length, TEXT],
    Float32Array.from(axes.flatMap((a) => Array.from({ length: TEXT }, (_, i) => Number(i === a)))),
  );
const options = { host: () => toyHost(), sizes: { hidden: HIDDEN, text: TEXT } };

describe('decodeEmbedding', () => {
  it('names all at once what it names one by one', async () => {
    const stage = await decodeEmbedding().create(contextOf(toyHost()));
    const together = await stage.name({ embeddings: embeddings(9) }, fakeRun());
    const values = await embeddings(9).read();
    for (let n = 0; n < 9; n++) {
      const one = localTensor([1, HIDDEN], values.slice(n * HIDDEN, (n + 1) * HIDDEN));
      expect((await stage.name({ embeddings: one }, fakeRun()))[0]).toEqual(together[n]);
    }
    expect(new Set(together.map(({ name }) => name)).size).toBeGreaterThan(1);
  });

  it('needs category embeddings', async () => {
    const stage = await decodeEmbedding().create(contextOf(toyHost()));
    await expect(stage.name({}, fakeRun())).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });
});

describe('similarityOverCandidates', () => {
  it('takes the candidate whose text points the same way', async () => {
    const stage = await similarityOverCandidates().create(contextOf(toyHost()));
    // 'a' is id 2 + 97: axis 99 % 5 = 4; 'b' axis 0; 'c' axis 1.
    const named = await stage.name({ textEmbeddings: unit(0, 4, 1), candidates: ['a', 'b', 'c'] }, fakeRun());
    expect(named).toEqual([
      { name: 'b', score: 1 },
      { name: 'a', score: 1 },
      { name: 'c', score: 1 },
    ]);
  });

  it('needs candidates where there is something to name', async () => {
    const stage = await similarityOverCandidates().create(contextOf(toyHost()));
    await expect(stage.name({ textEmbeddings: unit(0) }, fakeRun())).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
    expect(
      await stage.name({ textEmbeddings: localTensor([0, TEXT], new Float32Array(0)) }, fakeRun()),
    ).toEqual([]);
  });
});

describe('nameByRequest', () => {
  it('writes freely without labels and chooses among them with', async () => {
    const stage = await nameByRequest().create(contextOf(toyHost()));
    const free = await (
      await decodeEmbedding().create(contextOf(toyHost()))
    ).name({ embeddings: embeddings(1) }, fakeRun());
    const query = { embeddings: embeddings(1), textEmbeddings: unit(0) };
    expect(await stage.name(query, fakeRun())).toEqual(free);
    expect(await stage.name({ ...query, candidates: ['a', 'b'] }, fakeRun())).toEqual([
      { name: 'b', score: 1 },
    ]);
  });
});

describe('alongRegion', () => {
  const session = (texts: string[]): LanguageSession =>
    ({
      along: async ({ embeddings: rows }: { embeddings: { dims: readonly number[] } }) =>
        texts.slice(0, rows.dims[0]).map((text) => ({ text, score: 0.5 })),
    }) as unknown as LanguageSession;

  it("gives what the session writes, and says 'unknown' for nothing", async () => {
    const stage = await alongRegion().create(contextOf(toyHost()));
    const query = { embeddings: embeddings(2), session: session(['star', '']) };
    expect((await stage.name(query, fakeRun())).map(({ name }) => name)).toEqual(['star', 'unknown']);
  });

  it('says what it needs', async () => {
    const stage: CategoryGenerator = await alongRegion().create(contextOf(toyHost()));
    await expect(stage.name({ embeddings: embeddings(1) }, fakeRun())).rejects.toMatchObject({
      code: 'VALUE_INVALID',
    });
    expect(await stage.name({ embeddings: embeddings(0) }, fakeRun())).toEqual([]);
  });
});

describe('similarities', () => {
  it('are the dot products of rows', () => {
    const table = similarities(Float32Array.of(1, 0, 0, 1), Float32Array.of(0.6, 0.8), 2);
    expect([...table].map((v) => Math.round(v * 10) / 10)).toEqual([0.6, 0.8]);
  });
});

describe.each([
  ['decodeEmbedding', decodeEmbedding()],
  ['similarityOverCandidates', similarityOverCandidates()],
  ['nameByRequest', nameByRequest()],
] as const)('%s', (_name, spec) => {
  it.each(conformanceCases('CategoryGenerator', spec, options).map((c) => [c.name, c] as const))(
    '%s',
    (_, c) => c.run(),
  );
});
