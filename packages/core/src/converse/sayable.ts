import { MaskloomError } from '@maskloom/masks';

/** What can be said in a conversation: each kind of instruction with examples that are understood. */
export const SAYABLE: readonly (readonly [kind: string, examples: readonly string[]])[] = Object.freeze([
  ['mask', ['the mask is incomplete', 'redraw it', 'it has holes']],
  ['category', ['this is not a ring', 'the name is wrong']],
  ['missed', ['you missed something', 'add the thing in this box']],
  ['rename', ['call it a cross', 'this is a cross', 'rename it to cross', 'the label should be cross']],
  ['larger', ['make it larger', 'the ring is too small']],
  ['smaller', ['make it 10 % smaller', 'it is too large']],
  ['delete', ['delete the ring', 'remove this one', 'it should not be there']],
  ['merge', ['merge these two', 'merge the ring and the star', 'they are the same object']],
  ['undo', ['undo', 'go back']],
  ['redo', ['redo']],
  ['keep', ['thanks', 'that is fine']],
]);

/**
 * The error for words that no rule reads.
 * @param what - one sentence; that the words are not understood when absent
 */
export function notUnderstood(words: string, what?: string): MaskloomError {
  const shown = words.length > 60 ? `${words.slice(0, 60)}…` : words;
  const examples = SAYABLE.map(([, [first]]) => `"${first}"`).join(', ');
  return new MaskloomError('INSTRUCTION_UNKNOWN', what ?? `"${shown}" is not understood.`, {
    where: 'instruction.say',
    hint: `In English, one thing at a time, one can say: ${examples}; or give the situation as a hint.`,
  });
}
