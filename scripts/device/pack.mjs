// Packs everything that scripts/device-check.sh needs on a machine without Node, network or npm into one folder:
//
//     npm run device:pack [-- --out out/device-pack]
//
// Node itself, ONNX Runtime for Linux x64 (with WebGPU), the built packages, the embedded bundle's main recipes, the Vulkan
// loader, the training kit. ONNX Runtime's CUDA provider is larger than all of that together and stays out.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BUNDLE_RECIPES } from './systems.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT = 62e6;
const START = ['bundle-tiny', 'core', 'runtime', 'synth', 'sam', 'read', 'stacked-seg', 'rose', 'lmseg'];
const { values } = parseArgs({ options: { out: { type: 'string', default: 'out/device-pack' } } });
const stage = mkdtempSync(join(tmpdir(), 'maskloom-pack-'));
try {
  mkdirSync(join(stage, 'bin'));
  copyFileSync(process.execPath, join(stage, 'bin/node'));
  const copied = new Set();
  for (const name of START) copyPackage(`@maskloom/${name}`, `${root}package.json`, copied);
  // Of sharp's builds, which are optional packages, the one of this platform.
  for (const name of ['@img/sharp-linux-x64', '@img/sharp-libvips-linux-x64'])
    copyPackage(name, `${root}package.json`, copied);
  copyBundle();
  copyNative();
  cpSync(join(root, 'scripts/device'), join(stage, 'app/device'), { recursive: true });
  cpSync(join(root, 'training/maskloom_training'), join(stage, 'kit/maskloom_training'), {
    recursive: true,
    filter: (path) => !path.includes('__pycache__'),
  });
  writeFileSync(join(stage, 'pack.json'), JSON.stringify({ commit: commit(), node: process.version }));
  const out = join(root, values.out);
  mkdirSync(out, { recursive: true });
  const file = join(out, 'pack.tar.xz');
  execFileSync('tar', ['-C', stage, '-cJf', file, '.'], {
    env: { ...process.env, XZ_OPT: process.env.XZ_OPT ?? '-6' },
  });
  copyFileSync(join(root, 'scripts/device-check.sh'), join(out, 'device-check.sh'));
  const { size } = statSync(file);
  console.log(`${file}: ${(size / 1e6).toFixed(1)} MB, ${copied.size} packages`);
  if (size > LIMIT) {
    console.error(`That is more than the ${LIMIT / 1e6} MB that are to travel.`);
    process.exitCode = 1;
  }
} finally {
  rmSync(stage, { recursive: true, force: true });
}

/** A package with what it depends on, found from `from`; compiled code alone. */
function copyPackage(name, from, copied) {
  if (copied.has(name)) return;
  const folder = folderOf(name, from);
  if (folder === undefined) throw new Error(`${name} is not installed (needed by ${from})`);
  copied.add(name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  cpSync(folder, join(stage, 'app/node_modules', name), {
    recursive: true,
    filter: (path) => wanted(path.slice(folder.length), name.startsWith('@maskloom/')),
  });
  const inner = Object.keys({ ...manifest.dependencies });
  for (const dependency of inner) copyPackage(dependency, join(folder, 'package.json'), copied);
}

/** Compiled code and data; not sources, types, maps and tests. */
function wanted(path, own) {
  if (/^\/node_modules(?:\/|$)|\.(?:map|ts|mts|cts|md|tsbuildinfo)$|\.test\./.test(path)) return false;
  return !own || !/^\/(?:src|bundle|bin|fixtures)(?:\/|$)/.test(path);
}

function folderOf(name, from) {
  for (let at = dirname(from); ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
    if (at === dirname(at)) return undefined;
  }
}

/** The embedded bundle with the models of a few recipes. */
function copyBundle() {
  const from = join(root, 'packages/bundle-tiny/bundle');
  const to = join(stage, 'app/node_modules/@maskloom/bundle-tiny/bundle');
  const manifest = JSON.parse(readFileSync(join(from, 'bundle.json'), 'utf8'));
  const recipes = Object.fromEntries(BUNDLE_RECIPES.map((id) => [id, manifest.recipes[id]]));
  const used = new Set(Object.values(recipes).flatMap(({ models }) => Object.values(models)));
  const models = Object.fromEntries(Object.entries(manifest.models).filter(([id]) => used.has(id)));
  const files = [...Object.values(models), ...manifest.tokenizer.files].map(({ file }) => file);
  for (const file of new Set(files)) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    copyFileSync(join(from, file), join(to, file));
  }
  writeFileSync(join(to, 'bundle.json'), JSON.stringify({ ...manifest, models, recipes }));
}

/** ONNX Runtime's libraries of this platform, and the Vulkan loader. */
function copyNative() {
  const require = createRequire(join(root, 'packages/runtime/dist/index.js'));
  const package_ = dirname(require.resolve('onnxruntime-node/package.json'));
  const folder = 'bin/napi-v6/linux/x64';
  for (const part of ['dist', 'package.json', folder])
    cpSync(join(package_, part), join(stage, 'app/node_modules/onnxruntime-node', part), {
      recursive: true,
      dereference: true,
    });
  copyPackage('onnxruntime-common', join(package_, 'package.json'), new Set());
  const vulkan = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/chromium']
    .map((at) => join(at, 'libvulkan.so.1'))
    .find(existsSync);
  mkdirSync(join(stage, 'lib'));
  if (vulkan !== undefined) copyFileSync(realpathSync(vulkan), join(stage, 'lib/libvulkan.so.1'));
  else
    console.error('libvulkan.so.1 is not here (apt-get install libvulkan1): the other machine must have it.');
}

function commit() {
  return execFileSync('git', ['-C', root, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
}
