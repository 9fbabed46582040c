import { ADE_847 } from '../semantic/ade20k-847-ids.js';
import type { Files } from './tiny-files.test-helper.js';
import { mat, photo, pickle, png } from './tiny-files.test-helper.js';

/** Size of every tiny picture. */
export const [WIDTH, HEIGHT] = [6, 4];

/** A data set of a few bytes in the layout of a real one. */
export interface TinyDataset {
  readonly name: string;
  readonly format: string;
  readonly options?: { readonly split?: string; readonly splitBy?: string };
  /** Files that say something, for damaging. */
  readonly said: readonly string[];
  readonly build: (files: Files) => void;
}

/** A label map whose left half is `left` and whose right half is `right`. */
function halves(left: number, right: number): number[] {
  return Array.from({ length: WIDTH * HEIGHT }, (_, p) => (p % WIDTH < WIDTH / 2 ? left : right));
}
const rgb = (values: readonly number[], colour: (value: number) => readonly number[]): number[] =>
  values.flatMap(colour);
const polygon = [1, 1, 4, 1, 4, 3, 1, 3];

/** COCO records of two images, one annotation with polygons and one with RLE each. */
function coco(names: readonly [string, string], categories: readonly object[]): object {
  const rle = { size: [HEIGHT, WIDTH], counts: [4, 4, 16] };
  const annotations = [0, 1].flatMap((i) => [
    {
      id: 10 * i + 1,
      image_id: i + 1,
      category_id: 7,
      bbox: [1, 1, 3, 2],
      area: 6,
      iscrowd: 0,
      segmentation: [polygon],
    },
    {
      id: 10 * i + 2,
      image_id: i + 1,
      category_id: 9,
      bbox: [1, 0, 1, 4],
      area: 4,
      iscrowd: 1,
      segmentation: rle,
    },
  ]);
  const images = names.map((file_name, i) => ({ id: i + 1, file_name, width: WIDTH, height: HEIGHT }));
  return { info: { year: 2017 }, annotations, images, categories };
}
const CATEGORIES = [
  { id: 7, name: 'cat', isthing: 1 },
  { id: 9, name: 'grass', isthing: 0 },
];

function photos(files: Files, ...paths: readonly string[]): void {
  for (const path of paths) files.write(path, photo(WIDTH, HEIGHT));
}

function sentence(sent_id: number, sent: string, more: object = {}): object {
  return { sent_id, sent, raw: sent.toUpperCase(), tokens: sent.split(' '), ...more };
}

function ref(
  ref_id: number,
  image_id: number,
  ann_id: unknown,
  split: string,
  sentences: readonly object[],
  more: object = {},
): object {
  return {
    ref_id,
    image_id,
    ann_id,
    category_id: Array.isArray(ann_id) ? [7] : 7,
    split,
    file_name: 'x_1.jpg',
    sent_ids: [],
    sentences,
    ...more,
  };
}

function refer(
  name: string,
  format: string,
  folder: string,
  file: string,
  refs: readonly object[],
  options: TinyDataset['options'] = {},
): TinyDataset {
  return {
    name,
    format,
    options,
    said: [`${folder}/${file}`, `${folder}/instances.json`],
    build: (files) => {
      files.write(`${folder}/${file}`, file.endsWith('.p') ? pickle(refs) : refs);
      files.write(`${folder}/instances.json`, coco(['a.jpg', 'b.jpg'], CATEGORIES));
      const images = folder === 'refclef' ? 'images/saiapr_tc-12' : 'images/mscoco/images/train2014';
      photos(files, `${images}/a.jpg`, `${images}/b.jpg`);
    },
  };
}

const REFS = [
  ref(5, 1, 1, 'val', [sentence(50, 'the cat'), sentence(51, 'cat on grass')]),
  ref(6, 2, 12, 'testA', [sentence(60, 'the grass')]),
  ref(7, 1, 2, 'val', [sentence(70, 'grass')]),
];

/** One tiny data set per loader and form. */
export const TINY: readonly TinyDataset[] = [
  {
    name: 'COCO instances',
    format: 'coco-instances',
    options: { split: 'val' },
    said: ['annotations/instances_val2017.json'],
    build: (files) => {
      files.write('annotations/instances_val2017.json', coco(['a.jpg', 'b.jpg'], CATEGORIES));
      photos(files, 'val2017/a.jpg', 'val2017/b.jpg');
    },
  },
  {
    name: 'COCO panoptic',
    format: 'coco-panoptic',
    options: { split: 'val2017' },
    said: ['annotations/panoptic_val2017.json', 'annotations/panoptic_val2017/a.png'],
    build: (files) => {
      const segment = (id: number, category_id: number, x: number): object => ({
        id,
        category_id,
        area: 12,
        bbox: [x, 0, 3, 4],
        iscrowd: 0,
      });
      const images = [{ id: 3, file_name: 'a.jpg', width: WIDTH, height: HEIGHT }];
      const annotations = [
        { image_id: 3, file_name: 'a.png', segments_info: [segment(70000, 7, 0), segment(300, 9, 3)] },
      ];
      files.write('annotations/panoptic_val2017.json', { images, annotations, categories: CATEGORIES });
      const ids = rgb(halves(70000, 300), (id) => [id % 256, (id >> 8) % 256, id >> 16]);
      files.write('annotations/panoptic_val2017/a.png', png(ids, WIDTH, HEIGHT));
      photos(files, 'val2017/a.jpg');
    },
  },
  {
    name: 'COCO-Stuff',
    format: 'coco-stuff',
    said: ['stuffthingmaps/val2017/a.png'],
    build: (files) => {
      files.write('stuffthingmaps/val2017/a.png', png(halves(181, 255), WIDTH, HEIGHT));
      photos(files, 'images/val2017/a.jpg');
    },
  },
  {
    name: 'ADE20K-150',
    format: 'ade20k-150',
    options: { split: 'val' },
    said: ['objectInfo150.txt', 'annotations/validation/a.png'],
    build: (files) => {
      files.write(
        'objectInfo150.txt',
        'Idx\tRatio\tTrain\tVal\tName\n1\t0.1\t9\t9\twall\n2\t0.1\t9\t9\tbuilding, edifice\n',
      );
      files.write('annotations/validation/a.png', png(halves(2, 0), WIDTH, HEIGHT));
      photos(files, 'images/validation/a.jpg');
    },
  },
  {
    name: 'ADE20K-847 as released',
    format: 'ade20k-847',
    said: ['index_ade20k.pkl', 'images/ADE/validation/home/kitchen/a_seg.png'],
    build: (files) => {
      files.write(
        'index_ade20k.pkl',
        pickle({ objectnames: Array.from({ length: 3200 }, (_, i) => `object ${i + 1}`) }),
      );
      const wall = ADE_847[0] as number;
      const values = rgb(halves(wall, 0), (v) => [10 * (v >> 8), v % 256, 3]);
      files.write('images/ADE/validation/home/kitchen/a_seg.png', png(values, WIDTH, HEIGHT));
      photos(files, 'images/ADE/validation/home/kitchen/a.jpg');
    },
  },
  {
    name: 'PASCAL VOC',
    format: 'voc-20b',
    said: ['VOCdevkit/VOC2012/ImageSets/Segmentation/val.txt', 'VOCdevkit/VOC2012/SegmentationClass/a.png'],
    build: (files) => {
      files.write('VOCdevkit/VOC2012/ImageSets/Segmentation/val.txt', 'a\n');
      files.write('VOCdevkit/VOC2012/SegmentationClass/a.png', png(halves(0, 20), WIDTH, HEIGHT, true));
      photos(files, 'VOCdevkit/VOC2012/JPEGImages/a.jpg');
    },
  },
  {
    name: 'PASCAL-Context 59 as released',
    format: 'context-59',
    said: ['pascalcontext_val.txt', 'trainval/a.mat'],
    build: (files) => {
      files.write('pascalcontext_val.txt', 'a\n');
      files.write('trainval/a.mat', mat(halves(458, 3), WIDTH, HEIGHT));
      photos(files, 'JPEGImages/a.jpg');
    },
  },
  {
    name: 'PASCAL-Context 59 merged',
    format: 'context-59',
    said: ['trainval_merged.json'],
    build: (files) => {
      const image = (image_id: number, phase: string): object => ({
        image_id,
        phase,
        file_name: 'a.jpg',
        width: WIDTH,
        height: HEIGHT,
      });
      const segmentation = { size: [HEIGHT, WIDTH], counts: '0<<' };
      const annos_segmentation = [{ image_id: 8, category_id: 2, segmentation, area: 12 }];
      files.write('trainval_merged.json', {
        images: [image(8, 'val'), image(9, 'train')],
        annos_segmentation,
      });
      photos(files, 'JPEGImages/a.jpg');
    },
  },
  {
    name: 'PASCAL-Context 459',
    format: 'context-459',
    said: ['labels.txt', 'pascalcontext_val.txt', 'trainval/a.mat'],
    build: (files) => {
      files.write('labels.txt', Array.from({ length: 459 }, (_, i) => `${i + 1}: name ${i + 1}`).join('\n'));
      files.write('pascalcontext_val.txt', 'a\n');
      files.write('trainval/a.mat', mat(halves(459, 0), WIDTH, HEIGHT));
      photos(files, 'JPEGImages/a.jpg');
    },
  },
  {
    name: 'Mapillary Vistas 2.0',
    format: 'vistas-v2',
    said: ['config_v2.0.json', 'validation/v2.0/labels/a.png'],
    build: (files) => {
      const label = (readable: string, instances: boolean): object => ({
        name: `x--${readable}`,
        readable,
        instances,
        evaluate: true,
        color: [0, 0, 0],
      });
      files.write('config_v2.0.json', {
        version: '2.0',
        labels: [label('Bird', true), label('Curb Cut', false)],
      });
      files.write('validation/v2.0/labels/a.png', png(halves(1, 0), WIDTH, HEIGHT, true));
      photos(files, 'validation/images/a.jpg');
    },
  },
  {
    name: 'PACO-LVIS',
    format: 'paco-lvis',
    said: ['annotations/paco_lvis_v1_val.json'],
    build: (files) => {
      const categories = [
        { id: 7, name: 'trash_can' },
        { id: 9, name: 'mouse_(computer_equipment):scroll_wheel' },
      ];
      files.write('annotations/paco_lvis_v1_val.json', coco(['val2017/a.jpg', 'val2017/b.jpg'], categories));
      photos(files, 'coco/val2017/a.jpg', 'coco/val2017/b.jpg');
    },
  },
  {
    name: 'PASCAL-Part',
    format: 'pascal-part',
    options: { split: 'train' },
    said: ['train.json'],
    build: (files) => {
      files.write(
        'train.json',
        coco(
          ['a.jpg', 'b.jpg'],
          [
            { id: 7, name: 'aeroplane:body' },
            { id: 9, name: 'dog:left eye' },
          ],
        ),
      );
      photos(files, 'VOCdevkit/VOC2010/JPEGImages/a.jpg', 'VOCdevkit/VOC2010/JPEGImages/b.jpg');
    },
  },
  refer('RefCOCO', 'refcoco', 'refcoco', 'refs(unc).p', REFS),
  refer('refCLEF', 'refclef', 'refclef', 'refs(berkeley).p', REFS, { splitBy: 'berkeley', split: 'testA' }),
  refer('gRefCOCO', 'grefcoco', 'grefcoco', 'grefs(unc).json', [
    ref(1, 1, [1, 2], 'val', [sentence(1, 'everything')], { no_target: false }),
    ref(2, 1, [-1], 'val', [sentence(2, 'the dog')], { no_target: true }),
  ]),
  refer('FP-RefCOCO', 'fp-refcoco', 'fprefcoco', 'refs(berkeley_exclude_unified).p', [
    ref(1, 1, 1, 'val', [
      sentence(1, 'the cat', { is_false_premise: false, gt_sent: 'the cat' }),
      sentence(2, 'the dog', { is_false_premise: true, gt_sent: 'the cat' }),
    ]),
  ]),
  refer('R-RefCOCO', 'r-refcoco', 'R-refcoco', 'refs(unc_exclude_unified).p', [
    ref(1, 1, 1, 'val', [sentence(1, 'the cat', { exist: true }), sentence(2, 'the dog', { exist: false })]),
  ]),
  {
    name: 'ReasonSeg',
    format: 'reasonseg',
    options: { split: 'val' },
    said: ['ReasonSeg/val/a.json', 'ReasonSeg/val/b.json'],
    build: (files) => {
      const target = {
        label: 'target',
        points: [
          [0, 0],
          [2.9, 0],
          [2, 2],
          [0, 2],
        ],
      };
      const ignored = { label: 'ignore', points: [[5, 3]] };
      files.write('ReasonSeg/val/a.json', {
        text: ['what could purr?', 'the purring one'],
        is_sentence: true,
        shapes: [target, ignored],
        false_premise_QA: [['what could bark?', true, 'Nothing here barks.']],
      });
      files.write('ReasonSeg/val/b.json', { text: ['grass'], is_sentence: false, shapes: [] });
      photos(files, 'ReasonSeg/val/a.jpg', 'ReasonSeg/val/b.jpg');
    },
  },
  {
    name: 'labelme',
    format: 'labelme',
    said: ['a.json'],
    build: (files) => {
      const shape = (label: string, points: readonly (readonly number[])[], more: object = {}): object => ({
        label,
        points,
        ...more,
      });
      files.write('a.json', {
        imagePath: 'a.jpg',
        shapes: [
          shape(
            'sofa',
            [
              [0, 0],
              [1, 0],
              [1, 1],
              [0, 1],
            ],
            { group_id: 0 },
          ),
          shape(
            'sofa',
            [
              [3, 2],
              [5, 3],
            ],
            { group_id: 0, shape_type: 'rectangle' },
          ),
          shape('__ignore__', [[2, 2]]),
          shape(
            'cat',
            [
              [2, 0],
              [2, 3],
            ],
            { group_id: null },
          ),
        ],
      });
      photos(files, 'a.jpg');
    },
  },
];
