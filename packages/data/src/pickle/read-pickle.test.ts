import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parsePickle, readPickle } from './read-pickle.js';

interface Case {
  readonly name: string;
  readonly pickle: string;
  readonly value: unknown;
}
/** Made by training/golden/make_pickle_golden.py with Python's own pickle module. */
const golden = JSON.parse(readFileSync(new URL('../../fixtures/pickles.json', import.meta.url), 'utf8')) as {
  cases: Case[];
  refused: Case[];
};
const bytesOf = (one: Case): Buffer => Buffer.from(one.pickle, 'base64');
const folder = mkdtempSync(join(tmpdir(), 'maskloom-pickle-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a pickle', () => {
  it.each(golden.cases.map((one) => [one.name, one] as const))('of %s is read', (_, one) => {
    expect(JSON.parse(JSON.stringify(parsePickle(bytesOf(one))))).toEqual(one.value);
  });

  it.each(golden.refused.map((one) => [one.name, one] as const))('of %s is refused', (_, one) => {
    expect(() => parsePickle(bytesOf(one), 'refs.p')).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID', where: 'refs.p: pickle' }) as Error,
    );
  });

  it('keeps what is shared shared', () => {
    const shared = golden.cases.find((one) => one.name === 'shared, protocol 2') as Case;
    const [first, second] = parsePickle(bytesOf(shared)) as [object, object];
    expect(first).toBe(second);
  });

  it('never looks up or calls what it names', () => {
    const call = Buffer.from("cos\nsystem\n(S'touch /tmp/never'\ntR.", 'latin1');
    expect(parsePickle(call)).toEqual({ pickled: 'os.system' });
    const instance = Buffer.from("(ios\nsystem\nS'x'\np0\n.", 'latin1');
    expect(() => parsePickle(instance)).not.toThrow();
    const made = Buffer.from('\x80\x02c__builtin__\neval\nU\x01x\x85R}U\x01a'.concat('K\x01sb.'), 'latin1');
    expect(parsePickle(made)).toEqual({ pickled: '__builtin__.eval' });
  });

  it.each([
    ['nothing', ''],
    ['no end', ']'],
    ['a value too few', '.'],
    ['a mark too few', 't.'],
    ['an unknown opcode', '\xff.'],
    ['a newer protocol', '\x80\x09N.'],
    ['a string that is longer than the file', 'X\xff\xff\xff\x7fab.'],
    ['a string of 2^64 bytes', '\x8d\xff\xff\xff\xff\xff\xff\xff\xffab.'],
    ['a memo that was never set', 'h\x05.'],
    ['an entry of a list', '](K\x01K\x02u.'],
    ['an item of a number', 'K\x01K\x02a.'],
    ['a key without its value', '}(K\x01u.'],
    ['a word for a number', 'Iabc\n.'],
    ['a number of a million digits', `L${'9'.repeat(1e6)}L\n.`],
    ['a string without quotes', 'Sabc\n.'],
    ['a line without its end', 'I12'],
    ['a person for an id', 'Pabc\n.'],
    ['marks without end', '('.repeat(6000)],
    ['a list as a key', '}]K\x01s.'],
    ['a list that holds itself', ']q\x00h\x00a.'],
    ['a dictionary that holds itself', '}q\x00(U\x01ah\x00u.'],
    ['a tuple in its own list', ']q\x00h\x00\x85a.'],
  ])('is refused when it has %s', (_, text) => {
    expect(() => parsePickle(Buffer.from(text, 'latin1'))).toThrow(
      expect.objectContaining({ code: 'DATA_INVALID' }) as Error,
    );
  });

  it('of a few bytes that stands for billions of values is refused at once', () => {
    const doubled = `]q\x00${Array.from({ length: 40 }, (_, i) => {
      const at = String.fromCharCode(i);
      return `]q${String.fromCharCode(i + 1)}(h${at}h${at}e`;
    }).join('')}.`;
    expect(() => parsePickle(Buffer.from(doubled, 'latin1'))).toThrow(/far more values/);
  });

  it('that is damaged anywhere gives a typed error or another value, never a crash', () => {
    const pickles = golden.cases.map(bytesOf);
    fc.assert(
      fc.property(
        fc.constantFrom(...pickles),
        fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.option(fc.nat(4000), { nil: undefined }),
        (pickle, changes, cut) => {
          const damaged = Buffer.from(
            pickle.subarray(0, cut === undefined ? pickle.length : cut % pickle.length),
          );
          for (const [at, byte] of changes) if (damaged.length > 0) damaged[at % damaged.length] = byte;
          try {
            parsePickle(damaged);
          } catch (error) {
            expect(MaskloomError.is(error) && error.code === 'DATA_INVALID', String(error)).toBe(true);
          }
        },
      ),
      { numRuns: 3000, seed: 5 },
    );
  });

  it('comes from a file', async () => {
    const file = join(folder, 'refs(unc).p');
    writeFileSync(file, bytesOf(golden.cases[0] as Case));
    expect(await readPickle(file)).toEqual((golden.cases[0] as Case).value);
    await expect(readPickle(join(folder, 'none.p'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    await expect(readPickle(folder)).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });
});
