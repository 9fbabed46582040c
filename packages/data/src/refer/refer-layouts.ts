/** What tells the data sets of the REFER family apart. */
export interface ReferLayout {
  /** The format's id. */
  readonly format: string;
  /** Its folder below `refer_seg` (LISA, READ). */
  readonly folder: string;
  /** `refs` or `grefs`: the start of its file's name. */
  readonly stem: string;
  /** Who split it, the usual one first. */
  readonly splitBy: readonly string[];
  /** Where its images are, the usual place first. */
  readonly images: readonly string[];
  /** Another data set whose `instances.json` serves when it has none of its own. */
  readonly base?: string;
  /** The folder of the synthetic world with its form. */
  readonly synthetic?: string;
}

const COCO = ['images/mscoco/images/train2014', 'images/train2014', 'train2014', 'coco/train2014', 'images'];
const SAIAPR = ['images/saiapr_tc-12', 'saiapr_tc-12', 'images'];
const UNIFIED = '_exclude_unified';
const withUnified = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [name, name + UNIFIED]);

/** Every data set of the family. `exclude_unified` files leave out training images of the others' val and test splits. */
export const REFER_LAYOUTS: readonly ReferLayout[] = [
  {
    format: 'refcoco',
    folder: 'refcoco',
    stem: 'refs',
    splitBy: withUnified('unc', 'google'),
    images: COCO,
    synthetic: 'refer',
  },
  { format: 'refcoco+', folder: 'refcoco+', stem: 'refs', splitBy: withUnified('unc'), images: COCO },
  {
    format: 'refcocog',
    folder: 'refcocog',
    stem: 'refs',
    splitBy: withUnified('umd', 'google'),
    images: COCO,
  },
  {
    format: 'refclef',
    folder: 'refclef',
    stem: 'refs',
    splitBy: withUnified('unc', 'berkeley'),
    images: SAIAPR,
  },
  { format: 'grefcoco', folder: 'grefcoco', stem: 'grefs', splitBy: ['unc'], images: COCO, base: 'refcoco' },
  {
    format: 'fp-refcoco',
    folder: 'fprefcoco',
    stem: 'refs',
    splitBy: withUnified('berkeley'),
    images: COCO,
    base: 'refcoco',
    synthetic: 'fp',
  },
  {
    format: 'fp-refcoco+',
    folder: 'fprefcoco+',
    stem: 'refs',
    splitBy: withUnified('berkeley'),
    images: COCO,
    base: 'refcoco+',
  },
  {
    format: 'fp-refcocog',
    folder: 'fprefcocog',
    stem: 'refs',
    splitBy: withUnified('berkeley'),
    images: COCO,
    base: 'refcocog',
  },
  {
    format: 'r-refcoco',
    folder: 'R-refcoco',
    stem: 'refs',
    splitBy: withUnified('unc'),
    images: COCO,
    base: 'refcoco',
  },
  {
    format: 'r-refcoco+',
    folder: 'R-refcoco+',
    stem: 'refs',
    splitBy: withUnified('unc'),
    images: COCO,
    base: 'refcoco+',
  },
  {
    format: 'r-refcocog',
    folder: 'R-refcocog',
    stem: 'refs',
    splitBy: withUnified('umd', 'unc'),
    images: COCO,
    base: 'refcocog',
  },
];
