// Opening a COCO instances file: ours validates it in one pass and holds places, pycocotools holds everything. A made-up file of a
// quarter of COCO 2017 train (24,000 of 118,000 images, 100 of 448 MB). Every load is a process of its own; processor time and
// peak memory of the load alone, imports left out. Needs the training kit's Python.
import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generator } from './lib/mask-data.mjs';
import { median, ratio } from './lib/measure.mjs';
import { hasPython, PYTHON } from './lib/reference.mjs';

const IMAGES = [24_000, 2_400];
const PEAK = new URL('./lib/peak.mjs', import.meta.url).href;
const OURS = `
  const { openDataset } = await import('@maskloom/data');
  const { peakBytes } = await import(process.argv[2]);
  const start = process.cpuUsage(), from = performance.now();
  await openDataset('coco-instances', process.argv[1], { split: 'train' });
  const { user, system } = process.cpuUsage(start);
  console.log(JSON.stringify({ cpu: (user + system) / 1e6, wall: (performance.now() - from) / 1000, mib: peakBytes() / 2 ** 20 }));`;
const THEIRS = `
import contextlib, io, json, re, resource, sys, time
from importlib.metadata import version
from pycocotools.coco import COCO
start, wall = time.process_time(), time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    COCO(sys.argv[1] + "/annotations/instances_train2017.json")
cpu, wall = time.process_time() - start, time.perf_counter() - wall
try:  # As peakBytes() does: ru_maxrss begins with the memory of the process that started this one.
    mib = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
except OSError:
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"cpu": cpu, "wall": wall, "mib": mib, "version": version("pycocotools")}))`;

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  const images = IMAGES[quick ? 1 : 0];
  if (!hasPython('coco-load')) return [];
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-bench-'));
  try {
    const annotations = await writeInstances(folder, images);
    const [ours, theirs] = [[], []];
    for (let round = 0; round < Math.min(rounds, 5); round++) {
      ours.push(
        JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', OURS, folder, PEAK])),
      );
      theirs.push(JSON.parse(execFileSync(PYTHON, ['-c', THEIRS, folder])));
    }
    const of = (list, key) => median(list.map((one) => one[key]));
    const spent = of(ours, 'cpu') / of(theirs, 'cpu');
    const held = of(ours, 'mib') / of(theirs, 'mib');
    const what = `${annotations.toLocaleString('en')} annotations of ${images.toLocaleString('en')} images (${quick ? 'a fortieth' : 'a quarter'} of train)`;
    return [
      {
        name: `COCO instances opened, over pycocotools ${theirs[0].version}`,
        value: ratio(spent),
        aim: '<= 1',
        good: spent <= 1,
        detail: `${of(ours, 'cpu').toFixed(2)} s against ${of(theirs, 'cpu').toFixed(2)} s of processor time, wall ${ratio(of(ours, 'wall') / of(theirs, 'wall'))}; ${what}`,
      },
      {
        name: 'Peak memory of that',
        value: ratio(held),
        aim: '<= 0.5',
        good: held <= 0.5,
        detail: `${of(ours, 'mib').toFixed(0)} MiB against ${of(theirs, 'mib').toFixed(0)} MiB, the interpreters included`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes a data set of outlines as COCO's are: 1 to 13 an image, of 8 to 49 corners. */
async function writeInstances(folder, images) {
  mkdirSync(join(folder, 'annotations'));
  const file = createWriteStream(join(folder, 'annotations/instances_train2017.json'));
  const put = async (text) => {
    if (!file.write(text)) await once(file, 'drain');
  };
  const draw = generator(6);
  const number = (from, to) => Math.round(100 * (from + (to - from) * draw())) / 100;
  const categories = Array.from({ length: 80 }, (_, i) => ({
    supercategory: 'thing',
    id: i + 1,
    name: `class ${i}`,
  }));
  await put(`{"info":{},"licenses":[],"categories":${JSON.stringify(categories)},"images":[`);
  for (let id = 1; id <= images; id++) {
    const file_name = `${String(id).padStart(12, '0')}.jpg`;
    const urls = {
      coco_url: `http://images.cocodataset.org/train2017/${file_name}`,
      flickr_url: `http://farm9.staticflickr.com/${file_name}`,
    };
    const image = {
      license: 3,
      file_name,
      height: 480,
      width: 640,
      date_captured: '2013-11-14 11:18:45',
      ...urls,
      id,
    };
    await put(`${id === 1 ? '' : ','}${JSON.stringify(image)}`);
  }
  await put('],"annotations":[');
  let count = 0;
  for (let id = 1; id <= images; id++) {
    for (let left = 1 + Math.floor(13 * draw()); left > 0; left--) {
      const corners = 8 + Math.floor(42 * draw());
      const outline = Array.from({ length: 2 * corners }, (_, i) => number(0, i % 2 === 0 ? 640 : 480));
      const bbox = Array.from({ length: 4 }, () => number(1, 200));
      const annotation = {
        segmentation: [outline],
        area: number(50, 90_000),
        iscrowd: 0,
        image_id: id,
        bbox,
        category_id: 1 + Math.floor(80 * draw()),
        id: ++count,
      };
      await put(`${count === 1 ? '' : ','}${JSON.stringify(annotation)}`);
    }
  }
  file.end(']}');
  await once(file, 'close');
  return count;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await measure({ rounds: 3 }));
