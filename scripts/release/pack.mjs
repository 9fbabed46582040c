import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { joinFiles } from './join-files.mjs';
import { cutOut, installedOnnxRuntime, platformDependencies, PLATFORMS } from './onnx-runtime.mjs';
import { removeStale } from './remove-stale.mjs';
import { publicWorkspaces } from './workspaces.mjs';

const execute = promisify(execFile);
const RUNTIME = '@maskloom/runtime';

/** Packages that programs import: their files are joined, so that a program starts sooner. */
export const JOINED =
  /^@maskloom\/(?:masks|core|runtime|hub|data|sam|clip|llava|stacked-seg|read|rose|lmseg|refine)$/;

/**
 * Packs everything that is published, as it is published; sources must be compiled, and the studio's page built.
 * @param {string} out an empty or missing folder for the tarballs
 * @param {readonly string[]} platforms platforms whose ONNX Runtime is packed; all unless given
 * @returns {Promise<{name: string, version: string, tarball: string, bytes: number, files: string[]}[]>}
 *   the tarballs, each after those it depends on
 */
export async function packAll(out, platforms = PLATFORMS) {
  const staged = join(out, 'staged');
  await mkdir(staged, { recursive: true });
  const cut = await Promise.all(platforms.map((platform) => cutOut(platform, staged)));
  const workspaces = await publicWorkspaces();
  await Promise.all(workspaces.map(({ folder }) => removeStale(folder)));
  const jobs = [...cut, ...workspaces].map(({ name, folder }) => async () => {
    const joined = JOINED.test(name);
    return pack(joined ? await stagePackage(name, folder, join(staged, name)) : folder, out);
  });
  return atMost(2, jobs);
}

async function pack(folder, out) {
  const [report] = await npmPack(folder, ['--pack-destination', out]);
  const { name, version, filename, size, files } = report;
  return { name, version, tarball: join(out, filename), bytes: size, files: files.map(({ path }) => path) };
}

/**
 * A package as it is published; of one that programs import, with its compiled files joined.
 * @param {string} name the package's name
 * @param {string} folder its folder, compiled
 * @param {string} to where to put it
 * @returns {Promise<string>} `to`
 */
export async function stagePackage(name, folder, to) {
  const [{ files }] = await npmPack(folder, ['--dry-run']);
  for (const { path } of files) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await cp(join(folder, path), join(to, path));
  }
  if (name === RUNTIME) await nameOnnxRuntime(to);
  if (JOINED.test(name)) await joinFiles(to);
  return to;
}

/**
 * The published runtime names the packages of ONNX Runtime, which exist in the registry alone: in the repository they would
 * be unknown packages to the lock file, and `onnxruntime-node` itself is there instead.
 */
async function nameOnnxRuntime(folder) {
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  const { version } = await installedOnnxRuntime();
  const published = { ...manifest, optionalDependencies: platformDependencies(version) };
  delete published.devDependencies;
  await writeFile(path, `${JSON.stringify(published, undefined, 2)}\n`);
}

async function npmPack(folder, more) {
  // In each folder by itself: with --workspaces npm would look for the root's own files.
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', ...more];
  const { stdout } = await execute('npm', args, { cwd: folder, maxBuffer: 64e6 });
  const answer = JSON.parse(stdout);
  // npm 12 answers with an object keyed by name.
  return Array.isArray(answer) ? answer : Object.values(answer);
}

/** Runs jobs, a few at a time; answers in the jobs' order. */
async function atMost(count, jobs) {
  const answers = [];
  let next = 0;
  const work = async () => {
    while (next < jobs.length) {
      const index = next++;
      answers[index] = await jobs[index]();
    }
  };
  await Promise.all(Array.from({ length: count }, work));
  return answers;
}
