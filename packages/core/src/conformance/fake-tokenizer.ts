import { MaskloomError, suggest } from '@maskloom/masks';
import type { Tokenizer } from '../ports/model-host.js';

/**
 * A tokenizer over a fixed list: special tokens first (ids 0, 1, ...), then one id per code unit.
 * @param special - tokens that are written in texts as they are, e.g. `</s>`, `[SEG]`
 */
export function fakeTokenizer(special: readonly string[]): Tokenizer {
  return {
    encode(text) {
      const ids: number[] = [];
      for (let at = 0; at < text.length;) {
        const token = special.find((one) => text.startsWith(one, at));
        ids.push(token === undefined ? special.length + text.charCodeAt(at) : special.indexOf(token));
        at += token?.length ?? 1;
      }
      return ids;
    },
    decode: (ids) => ids.map((id) => special[id] ?? String.fromCharCode(id - special.length)).join(''),
    id(token) {
      const id = special.indexOf(token);
      if (id >= 0) return id;
      throw new MaskloomError('BUNDLE_INVALID', `The fake tokenizer has no token '${token}'.`, {
        where: 'fakeTokenizer',
        hint: suggest(token, special),
      });
    },
  };
}
