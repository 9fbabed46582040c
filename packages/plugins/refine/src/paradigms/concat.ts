import type { Paradigm } from '../paradigm.js';

/** ROSE's own way (section 3.4): the image as it is, the previous mask as a fourth plane, zeros when there is none. */
export const concatParadigm: Paradigm = Object.freeze({
  name: 'concat',
  summary: 'the previous mask as a fourth plane of the image',
  planes: 4,
  show: ({ image }) => image,
  plane: ({ mask }) => mask,
} satisfies Paradigm);
