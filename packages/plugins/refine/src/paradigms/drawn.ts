import { paintMask } from '../paint/paint-mask.js';
import { drawnOn, type Paradigm } from '../paradigm.js';

/** The first alternative of ROSE's Table 6: the previous mask laid over the image. */
export const drawnParadigm: Paradigm = Object.freeze({
  name: 'drawn',
  summary: 'the previous mask drawn on the image',
  planes: 3,
  show: ({ image, mask }, { colour, alpha }) =>
    mask === undefined ? image : drawnOn(image, (rgb) => paintMask(rgb, mask, colour, alpha)),
} satisfies Paradigm);
