import { ATTRIBUTES } from '../variants.js';

/** Changed with the words below, so that answers to other words are not taken from the cache. */
export const QUESTION_VERSION = 1;

/** What is asked for by each attribute. */
const ABOUT: Readonly<Record<(typeof ATTRIBUTES)[number], string>> = {
  colour: 'its usual colour or colours',
  'shape-size': 'its shape and its size',
  'texture-material': 'its texture and the material it is made of',
};

/** One message of a conversation with a language model. */
export interface Message {
  /** Who speaks. */
  readonly role: 'system' | 'user';
  /** The words. */
  readonly content: string;
}

/**
 * Asks for a class's looks. The wording is ours: the paper's is not known, only that it asks for colour, shape and
 * size, texture and material (section 3.2).
 */
export function question(name: string): readonly Message[] {
  const keys = ATTRIBUTES.map((attribute) => `"${attribute}": [sentences about ${ABOUT[attribute]}]`).join(
    ', ',
  );
  return [
    {
      role: 'system',
      content:
        'You describe what things look like in photographs, for a model that compares short English sentences with ' +
        'image regions. Answer with JSON only.',
    },
    {
      role: 'user',
      content:
        `Describe what "${name}" looks like. Answer {${keys}}. Give one or two sentences for each, at most 20 words ` +
        `a sentence, each naming "${name}". Speak only of what can be seen.`,
    },
  ];
}
