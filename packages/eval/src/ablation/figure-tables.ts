import type { Ablation, AblationColumn, Overrides } from './ablation.js';
import { defineAblation } from './define-ablation.js';
import { TEST } from './parts.js';

type Source = readonly [protocol: string, figure: string, more?: Partial<AblationColumn>];

const column = (label: string, [protocol, figure, more]: Source): AblationColumn => ({
  label,
  synthetic: { part: 'test', protocol, figure },
  ...more,
});

const table = (
  id: string,
  title: string,
  recipes: readonly (
    string | { readonly label: string; readonly recipe: string; readonly overrides: Overrides }
  )[],
  columns: readonly AblationColumn[],
  notes: readonly string[],
): Ablation =>
  defineAblation({
    id: `figures/${id}`,
    title,
    data: { synthetic: TEST, real: {} },
    rows: recipes.map((one) => (typeof one === 'string' ? { label: one, recipe: one } : one)),
    columns,
    notes,
  });

/** Every pixel one name, in an answer to the free task. */
const MERGED: Partial<AblationColumn> = {
  overrides: { stages: { Assembler: { stage: 'rose/semantic-assembler' } } },
};

const swapped = (from: AblationColumn, label: string): AblationColumn => ({
  ...from,
  label,
  ...(from.synthetic === undefined ? {} : { synthetic: { ...from.synthetic, answeredBy: 'another image' } }),
});

const merged = column('mIoU, 14 classes', ['open-semantic', 'mIoU', MERGED]);

const writer = (label: string, stage: string, attribute?: string) => ({
  label,
  recipe: 'lmseg/full',
  overrides: {
    stages: {
      Tiler: { options: { mode: 'whole' } },
      PromptWriter: {
        stage: `lmseg/${stage}`,
        ...(attribute === undefined ? {} : { options: { attribute } }),
      },
    },
  },
});

const common = column('common', ['semantic', 'mIoU']);

/**
 * The figures of every system on the synthetic world, with their controls: what the README prints of the embedded bundle.
 */
export function figureTables(): readonly Ablation[] {
  return [
    table(
      'referring',
      'Referring expressions',
      [
        'stacked-seg/single',
        'stacked-seg/several',
        'read/seg',
        'read/points',
        'read/seg-points',
        'read/full',
      ],
      [
        column('cIoU', ['referring', 'cIoU all']),
        column('cIoU, swapped phrase', ['referring', 'cIoU control']),
        column('cIoU by attribute', ['referring', 'cIoU attribute']),
        column('cIoU by relation', ['referring', 'cIoU relation']),
        column('cIoU stuff', ['referring', 'cIoU stuff']),
        column('gIoU', ['referring', 'gIoU all']),
        column('See', ['premises', 'See']),
      ],
      [
        'Control: swapped phrase, each phrase answered by one of the same picture with another target.',
        'See: right answers on whether the thing is there at all, false premises included.',
      ],
    ),
    table(
      'several',
      'Two targets in one question',
      ['stacked-seg/several'],
      [column('two masks', ['two-targets', 'two masks']), column('gIoU', ['two-targets', 'gIoU'])],
      [],
    ),
    table(
      'prompts',
      'Regions shown, mean IoU',
      [
        'sam/prompted',
        {
          label: 'sam/prompted, the best of three masks by its own rating',
          recipe: 'sam/prompted',
          overrides: { stages: { MaskDecoder: { options: { multimask: true } } } },
        },
      ],
      ['box', 'point', 'random point', 'box and point'].flatMap((kind) =>
        ['all', 'things', 'stuff'].map((regions) =>
          column(`${kind}, ${regions}`, ['prompted', `mIoU ${kind} ${regions}`]),
        ),
      ),
      ['Point: the innermost pixel of the region. Random point: a pixel of it drawn with a fixed seed.'],
    ),
    table(
      'free-names',
      'Names without a list',
      ['rose/patch', 'stacked-seg/vanilla'],
      [
        column('instance AP50, named', ['open-instances', 'AP50']),
        column('AP50, names aside', ['any-name', 'AP50']),
        column('exact name', ['any-name', 'exact name']),
        merged,
        swapped(merged, 'mIoU, of another image'),
      ],
      [
        'Asked for nothing in particular; a name counts when it is exactly the name. Names aside: things and stuff, any name. Exact name: of regions matched (IoU from 0.5).',
        'Control: of another image, each picture answered by the prediction for the next one.',
      ],
    ),
    table(
      'descriptions',
      'Described classes, mIoU',
      [
        writer('all attributes', 'all-attributes'),
        writer('bare name', 'bare-name'),
        writer('template', 'template'),
        writer('colour alone', 'one-attribute', 'colour'),
        writer('shape and size alone', 'one-attribute', 'shape-size'),
        writer('texture and material alone', 'one-attribute', 'texture-material'),
      ],
      [
        common,
        column('invented, seen', ['invented-semantic', 'mIoU seen']),
        column('invented, unseen', ['invented-semantic', 'mIoU unseen']),
        swapped(common, 'common, of another image'),
      ],
      [
        'lmseg/full, one view of the whole picture. Common: shapes and stuff by their names. Invented: classes known by what they look like; the unseen ones were held out of training.',
        'Controls: the bare name, which says nothing of an invented class, and of another image.',
      ],
    ),
  ];
}
