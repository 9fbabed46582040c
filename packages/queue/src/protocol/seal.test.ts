import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { admission, isAdmitted } from './admission.js';
import { groupSchema } from './messages.js';
import { LARGEST } from './names.js';
import { Sealer } from './seal.js';

const mine = new Sealer('the token of this run');
const REFUSED = expect.objectContaining({ code: 'QUEUE_REFUSED' });

describe('Sealer', () => {
  it('opens what it sealed', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        expect(mine.open('answer', z.unknown(), mine.close('answer', value))).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });

  it('agrees with an HMAC made elsewhere', () => {
    // openssl: printf 'group\n{"a":1}' | openssl dgst -sha256 -hmac 'the token of this run'
    expect(mine.close('group', { a: 1 }).seal).toBe(
      '45b51e0910d24c2191c610a3064948e65960aef6bb14f465267181a87e07b3e1',
    );
  });

  it.each([
    ['another token', new Sealer('the token of another').close('group', {})],
    ['another purpose', mine.close('answer', {})],
    ['an altered text', { ...mine.close('group', { a: 1 }), body: '{"a":2}' }],
    ['no seal', { body: '{}' }],
    ['more than a seal', { ...mine.close('group', {}), code: 'process.exit()' }],
    ['no object', 'process.exit()'],
    ['too long a text', { body: ' '.repeat(LARGEST + 1), seal: '0'.repeat(64) }],
  ])('refuses %s', (_, sealed) => {
    expect(() => mine.open('group', z.unknown(), sealed)).toThrow(REFUSED);
  });

  it('refuses a group that is not of the form, whoever sealed it', () => {
    const unit = { key: 'k'.repeat(43), unit: { subject: 0, part: 'a', protocol: 'b' } };
    const group = {
      run: 'r'.repeat(43),
      id: 'i'.repeat(43),
      part: 'a',
      scene: { id: 1, image: '1.png', width: 1, height: 1, segments: [] },
      units: [unit],
    };
    expect(mine.open('group', groupSchema, mine.close('group', group))).toEqual(group);
    for (const wrong of [
      { units: [] },
      { scene: { ...group.scene, image: '' } },
      { run: '../..' },
      { part: {} },
    ])
      expect(() => mine.open('group', groupSchema, mine.close('group', { ...group, ...wrong }))).toThrow(
        REFUSED,
      );
  });
});

describe('admission', () => {
  it('lets in who has the token, to what was asked for, for minutes', () => {
    const now = Math.floor(Date.now() / 1000);
    expect(isAdmitted(mine, '/pictures/a', admission(mine, '/pictures/a'))).toBe(true);
    expect(isAdmitted(mine, '/pictures/b', admission(mine, '/pictures/a'))).toBe(false);
    expect(isAdmitted(mine, '/a', admission(new Sealer('another token here'), '/a'))).toBe(false);
    expect(isAdmitted(mine, '/a', admission(mine, '/a', now - 400))).toBe(false);
    expect(isAdmitted(mine, '/a', undefined)).toBe(false);
    expect(admission(mine, '/a')).not.toContain('token');
  });
});
