// A report of many pictures: what three systems make of some scenes, shown again and again with the pictures' pixels changed a
// little, so that no two rows hold the same picture.
import { compose, encodeLabel } from '@maskloom/core';
import { full as lmsegFull } from '@maskloom/lmseg';
import { full as readFull } from '@maskloom/read';
import { openReport } from '@maskloom/report';
import { patch } from '@maskloom/rose';
import { makeScene, SHAPES, STUFF } from '@maskloom/synth';
import { everyStage, openModels } from './stage.mjs';

const SEED = 8_960_000;
/** Of four scenes three are small; the fourth is embedded as a JPEG. */
const SIZES = [
  [128, 128],
  [128, 128],
  [128, 128],
  [640, 480],
];
const DRAWN = 16;
const LABELS = [...SHAPES, ...STUFF];
const SYSTEMS = [
  [
    'read/full',
    everyStage(readFull),
    (scene) => ({ task: 'referring', text: `the ${scene.things[0].shape}` }),
  ],
  ['rose/patch', compose(patch), () => ({ task: 'free' })],
  ['lmseg/full', compose(lmsegFull), () => ({ task: 'semantic', labels: LABELS })],
];

/**
 * Writes the page.
 * @returns segments on it
 */
export async function writeManyRows(path, count) {
  const drawn = await drawnRows(Math.min(count, DRAWN));
  const columns = SYSTEMS.map(([id]) => ({ id }));
  const head = { title: `${count} pictures`, columns, facts: [['made', 'by the benchmark']], truth: true };
  const report = await openReport(path, head);
  let segments = 0;
  for (let n = 0; n < count; n++) {
    const row = drawn[n % drawn.length];
    const rgb = Uint8Array.from(row.image.rgb);
    rgb[n % rgb.length] ^= 1 + (n % 255);
    await report.addRow({ ...row, image: { ...row.image, rgb, sha256: `${n}` }, name: `scene-${n}.png` });
    for (const { prediction } of row.cells) segments += prediction.segments.length;
  }
  await report.finish();
  return segments;
}

async function drawnRows(count) {
  const models = openModels();
  const pipelines = await Promise.all(SYSTEMS.map(([, builder]) => builder.on(models).build()));
  const rows = [];
  for (let n = 0; n < count; n++) {
    const [width, height] = SIZES[n % SIZES.length];
    const scene = makeScene(SEED + n, width, height);
    const image = { rgb: scene.rgb, width, height, sha256: `scene ${n}` };
    const cells = [];
    for (const [i, [column, , ask]] of SYSTEMS.entries())
      cells.push({ column, prediction: await pipelines[i].segment(image, ask(scene)) });
    rows.push({ image, request: { task: 'free' }, cells, truth: { segments: truthOf(scene) } });
  }
  for (const pipeline of pipelines) await pipeline.dispose();
  await models.dispose();
  return rows;
}

function truthOf({ things, stuff, labels, width, height }) {
  return [...things, ...stuff].map(({ id, shape, name, bbox, area }) => {
    const mask = encodeLabel(labels, width, height, id);
    return { label: shape ?? name, score: 1, bbox, area, mask };
  });
}
