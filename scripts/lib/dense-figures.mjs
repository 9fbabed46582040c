// The held-out figures of ROSE and its rival, LMSeg and the refiner as Markdown.
import { cell, table } from './markdown.mjs';

const PATCHES = [
  ['AP50', 'instance AP50, named'],
  ['AP50 without names', '... names aside'],
  ['exact name', 'exact name'],
  ['mIoU', 'mIoU, 14 classes'],
  ['mIoU swapped', '... of another image'],
];

/** Recipes that name what they find: `heldOut.AP50`. */
export function freeNames(recipes) {
  const rows = Object.entries(recipes).filter(([, { heldOut }]) => heldOut?.AP50 !== undefined);
  if (rows.length === 0) return [];
  return [
    'No list of classes is given: names are written by the language model, and count when they are exactly the name. ' +
      '_Exact name_ is the share of rightly named among matched masks (IoU from 0.5). The last column is the control: ' +
      "each image answered by another's prediction.",
    table([
      ['recipe', 'steps', ...PATCHES.map(([, title]) => title)],
      ...rows.map(([id, { heldOut, steps }]) => [
        `\`${id}\``,
        steps,
        ...PATCHES.map(([key]) => cell(heldOut[key])),
      ]),
    ]),
  ];
}

const WORDS = {
  all: 'all attributes',
  name: 'bare name',
  template: 'template',
  colour: 'colour alone',
  'shape-size': 'shape and size alone',
  'texture-material': 'texture and material alone',
};

/** LMSeg by what its classes are described with: `heldOut['unseen all']`. */
export function described(recipes) {
  const own = recipes['lmseg/full']?.heldOut;
  if (own?.['unseen all'] === undefined) return [];
  return [
    '`lmseg/full`, mIoU by what the classes are described with, one view of the whole picture (`maskloom ablate` averages windows and a global view). _Common_: 8 shapes and 6 stuffs by their names. ' +
      '_Seen_ and _unseen_: classes with invented names, known by what they look like; the unseen ones were held out of training.',
    table([
      ['description', 'common', 'invented, seen', 'invented, unseen'],
      ...Object.entries(WORDS).map(([key, title]) => [
        title,
        ...['listed', 'seen', 'unseen'].map((part) => cell(own[`${part} ${key}`])),
      ]),
    ]),
  ];
}

/** One turn of refinement on corrupted masks: `heldOut['box and mask']`. */
export function refined(recipes) {
  const rows = Object.entries(recipes).filter(([, { heldOut }]) => heldOut?.['box and mask'] !== undefined);
  if (rows.length === 0) return [];
  const alone = rows[0][1].heldOut['SAM alone'];
  const columns = ({ mask, category, 'missed with its box': missed }) => [
    cell(mask?.gain),
    cell(category?.['name right']),
    cell(missed?.found),
    cell(missed?.['name right']),
  ];
  return [
    'One turn on masks corrupted in the paper’s two ways, wrong names and missed objects. _SAM alone_ is the control: ' +
      'the same previous mask and box, no language model. With `maskPrompt: false` SAM does not see the previous mask: the tower alone does.',
    table([
      ['', 'gain in IoU, mask', 'wrong name corrected', 'missed object found', '... and named'],
      ...rows.flatMap(([id, { heldOut }]) => [
        [`\`${id}\``, ...columns(heldOut['box and mask'])],
        ...(heldOut.box === undefined ? [] : [[`\`${id}\`, \`maskPrompt: false\``, ...columns(heldOut.box)]]),
      ]),
      ['SAM alone', ...columns({ ...alone, category: undefined })],
    ]),
  ];
}
