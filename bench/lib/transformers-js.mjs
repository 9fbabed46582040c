// Opening SAM: the same two ONNX files by Maskloom and by transformers.js, which is installed beside the project when it is missing.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { costInTurns, ms, ratio } from './measure.mjs';
import { stagePublished } from './published.mjs';
import { openSessions } from './start/open-sessions.mjs';

/** Where peers are installed; ignored by git, like every `out/`. */
export const PEERS = fileURLToPath(new URL('../../out/peers/', import.meta.url));
const PACKAGE = '@huggingface/transformers';
const FIXTURE = fileURLToPath(new URL('../../packages/hub/fixtures/sam/', import.meta.url));
const NEEDED = ['masks', 'core', 'runtime', 'hub', 'clip', 'sam'];
const SESSIONS = new URL('start/open-sessions.mjs', import.meta.url);
const NAME = `opening SAM over transformers.js, the same two files, kept in the hub's cache`;

/** @returns a row of the report */
export async function loadRow(rounds) {
  const home = await mkdtemp(join(tmpdir(), 'maskloom-hub-'));
  try {
    const { env, SamModel } = await peer();
    const revision = '0'.repeat(40);
    const repository = join(home, 'hub', 'models--test--sam');
    const files = join(repository, 'snapshots', revision);
    await unpack(files);
    await mkdir(join(repository, 'refs'), { recursive: true });
    await writeFile(join(repository, 'refs', 'main'), revision);
    Object.assign(env, { allowRemoteModels: false, localModelPath: `${dirname(files)}/` });
    const { openSam } = await import(
      pathToFileURL(join(await stagePublished(NEEDED, 'open-sam'), 'open-sam.mjs')).href
    );
    const graphs = ['vision_encoder', 'prompt_encoder_mask_decoder'].map((name) =>
      join(files, 'onnx', `${name}.onnx`),
    );
    const spent = await costInTurns(
      {
        maskloom: () => openSam('test/sam', home),
        theirs: async () => {
          const model = await SamModel.from_pretrained(revision, { dtype: 'fp32', device: 'cpu' });
          await model.dispose();
        },
        // What opening takes at least where nothing is kept of an earlier time.
        bare: () => openSessions(graphs),
        thread: () =>
          new Promise((resolve, reject) => {
            new Worker(SESSIONS, { workerData: graphs, execArgv: [] })
              .once('exit', resolve)
              .once('error', reject);
          }),
      },
      rounds,
    );
    const { maskloom, theirs, bare, thread } = spent;
    const over = maskloom.wall / theirs.wall;
    return {
      name: NAME,
      value: ratio(over),
      aim: '<= 1',
      good: over <= 1,
      detail:
        `${ms(maskloom.wall)} against ${ms(theirs.wall)}, closing included; CPU ${ratio(maskloom.cpu / theirs.cpu)}; two bare ` +
        `sessions, nothing kept: ${ms(bare.wall)}, in a thread of their own ${ms(thread.wall)}; transformers.js ${versionOf()}`,
    };
  } catch (cause) {
    return {
      name: NAME,
      value: 'not measured',
      detail: String(cause instanceof Error ? cause.message : cause).split('\n')[0],
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function peer() {
  const entry = join(PEERS, 'node_modules', PACKAGE, 'dist', 'transformers.node.mjs');
  if (!existsSync(entry)) {
    await mkdir(PEERS, { recursive: true });
    await writeFile(join(PEERS, 'package.json'), '{"private":true}\n');
    await promisify(execFile)(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${PACKAGE}@4`],
      { cwd: PEERS },
    );
  }
  return import(pathToFileURL(entry).href);
}

const versionOf = () =>
  JSON.parse(readFileSync(join(PEERS, 'node_modules', PACKAGE, 'package.json'), 'utf8')).version;

/** The repository as a hub gives it; its graphs lie packed in the fixtures. */
async function unpack(folder) {
  for (const entry of await readdir(FIXTURE, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.safetensors')) continue;
    const path = join(entry.parentPath, entry.name);
    const packed = path.endsWith('.gz');
    const to = join(folder, path.slice(FIXTURE.length, packed ? -3 : undefined));
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, packed ? gunzipSync(await readFile(path)) : await readFile(path));
  }
}
