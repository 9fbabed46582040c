import type { Ablation, AblationColumn } from './ablation.js';
import { defineAblation } from './define-ablation.js';
import * as printed from './paper/read.js';
import { inPlaceOfLisa, POINTING_NOTE, REASON_TEST, TEST, withBases } from './parts.js';

/** What the `<SEG>` token does: its similarity map as points and as a mask, beside its own mask. */
export const readTable1: Ablation = defineAblation({
  id: 'read/table-1',
  title: 'What the <SEG> token does',
  data: { synthetic: TEST, real: REASON_TEST },
  rows: [
    inPlaceOfLisa('LISA-7B'),
    { label: 'SESAME' },
    {
      label: 'READ, all parts',
      recipe: 'read/full',
      paper: null,
      note: 'its own mask stands under <SEG>prompt; it has points of its own beside the token',
    },
    ...withBases({ label: 'stacked <SEG>', recipe: 'stacked-seg/single' }, "READ's points"),
  ],
  columns: ['P_prompt', 'S_IoU', 'S_IoU SAM', '<SEG>prompt'].flatMap((what) =>
    ['gIoU', 'cIoU'].map((kind): AblationColumn => {
      const map = what.startsWith('S_IoU');
      const figure = map ? `${what} ${kind}` : `${kind} ${what}`;
      return {
        label: `${what} ${kind}`,
        synthetic: { part: 'test', protocol: 'similarity', figure },
        real: { part: 'ReasonSeg test', protocol: 'similarity', figure },
        oracle: map,
        ...(what === 'S_IoU SAM' ? { paper: null } : {}),
      };
    }),
  ),
  paper: printed.table1,
  notes: [
    'S_IoU chooses the threshold of each map by the ground truth: an oracle, in the paper too.',
    POINTING_NOTE,
    "S_IoU SAM is ours: the map of figure 1d, the <SEG> prompt with SAM's image tokens in its mask decoder, scored as S_IoU is.",
    "P_prompt: the points of the similarity map prompt SAM as it was before any fine-tuning. The switch releasedPrompts does it as READ's code: the map over the whole picture, SAM's best mask of three.",
  ],
});
