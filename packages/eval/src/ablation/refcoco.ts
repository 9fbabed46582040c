import type { AblationColumn, FigureSource, RealPart } from './ablation.js';

interface ReferringColumn {
  readonly label: string;
  readonly synthetic?: FigureSource;
  readonly standsFor?: string;
  readonly part: string;
}

const phrases = (part: 'val' | 'test', group: string): FigureSource => ({
  part,
  protocol: 'referring',
  figure: `cIoU ${group}`,
});

const referringColumns: readonly ReferringColumn[] = [
  { label: 'RefCOCO val', synthetic: phrases('val', 'all'), standsFor: 'all phrases', part: 'RefCOCO val' },
  {
    label: 'RefCOCO testA',
    synthetic: phrases('test', 'things'),
    standsFor: 'phrases for things',
    part: 'RefCOCO testA',
  },
  {
    label: 'RefCOCO testB',
    synthetic: phrases('test', 'stuff'),
    standsFor: 'phrases for stuff',
    part: 'RefCOCO testB',
  },
  {
    label: 'RefCOCO+ val',
    synthetic: phrases('val', 'attribute'),
    standsFor: 'attributes only',
    part: 'RefCOCO+ val',
  },
  {
    label: 'RefCOCO+ testA',
    synthetic: phrases('test', 'attribute'),
    standsFor: 'attributes only',
    part: 'RefCOCO+ testA',
  },
  { label: 'RefCOCO+ testB', part: 'RefCOCO+ testB' },
  {
    label: 'RefCOCOg val(U)',
    synthetic: phrases('val', 'relation'),
    standsFor: 'relations',
    part: 'RefCOCOg val',
  },
  {
    label: 'RefCOCOg test(U)',
    synthetic: phrases('test', 'relation'),
    standsFor: 'relations',
    part: 'RefCOCOg test',
  },
];

/** Parts of the RefCOCO family as the references lay them out. */
export const REFCOCO = Object.fromEntries(
  [
    ['RefCOCO', 'refcoco', ['val', 'testA', 'testB']],
    ['RefCOCO+', 'refcoco+', ['val', 'testA', 'testB']],
    ['RefCOCOg', 'refcocog', ['val', 'test']],
  ].flatMap(([name, format, splits]) =>
    (splits as readonly string[]).map((split) => [
      `${name as string} ${split}`,
      { format: format as string, split, folder: 'refer_seg' },
    ]),
  ),
) as Readonly<Record<string, RealPart>>;

/** The cIoU columns of the RefCOCO family, for several papers' tables. */
export const REFCOCO_COLUMNS: readonly AblationColumn[] = referringColumns.map(
  ({ label, synthetic, standsFor, part }) => ({
    label,
    ...(synthetic === undefined ? {} : { synthetic }),
    ...(standsFor === undefined ? {} : { standsFor }),
    real: { part, protocol: 'referring', figure: 'cIoU all' },
  }),
);
