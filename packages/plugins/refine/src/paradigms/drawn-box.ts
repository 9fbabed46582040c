import { paintBox } from '../paint/paint-box.js';
import { paintMask } from '../paint/paint-mask.js';
import { drawnOn, type Paradigm } from '../paradigm.js';

/** The second alternative of ROSE's Table 6: the previous mask, and the given box or else the mask's own, drawn. */
export const drawnBoxParadigm: Paradigm = Object.freeze({
  name: 'drawn-box',
  summary: 'the previous mask and a box drawn on the image',
  planes: 3,
  show: ({ image, mask, box, own }, { colour, alpha }) => {
    const outline = box ?? own;
    if (mask === undefined && outline === undefined) return image;
    return drawnOn(image, (rgb) => {
      if (mask !== undefined) paintMask(rgb, mask, colour, alpha);
      if (outline !== undefined) paintBox(rgb, image, outline, colour);
    });
  },
} satisfies Paradigm);
