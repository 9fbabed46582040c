// What this machine has: card, driver, PyTorch with its CUDA libraries, a Vulkan driver.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';

const PROVIDER = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];
const ICD_FOLDERS = ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/usr/local/nvidia/share/vulkan/icd.d'];
const SWIFTSHADER = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
];

/** What a command prints, or nothing when it cannot be run. */
export function said(command, ...args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

/** Card, driver, processor and PyTorch, as they name themselves; what is not there is null. */
export function describeMachine(python) {
  const [card, driver, memory] = said(
    'nvidia-smi',
    '--query-gpu=name,driver_version,memory.total',
    '--format=csv,noheader',
  )
    .split('\n')[0]
    .split(', ');
  const torch = said(python, '-c', 'import torch; print(torch.__version__, torch.version.cuda)');
  return {
    card: card || null,
    driver: driver ?? null,
    cardMemory: memory ?? null,
    processor: cpus()[0]?.model ?? null,
    cores: cpus().length,
    torch: torch || null,
    node: process.version,
  };
}

/** Folders of CUDA's libraries that Python packages brought (PyTorch's own among them). */
export function pythonLibraries(python) {
  const program = [
    'import sys, pathlib',
    'roots = [pathlib.Path(p) for p in sys.path if p]',
    "found = {str(f.parent) for r in roots for f in r.glob('nvidia/**/lib/*.so*')}",
    "print(':'.join(sorted(found)))",
  ].join('\n');
  return said(python, '-c', program);
}

/**
 * Puts ONNX Runtime's CUDA provider beside the packed libraries: that of a folder, or of Python's onnxruntime-gpu of the same
 * version.
 * @param given - the folder; looked for in Python when absent
 * @returns why there is none, or nothing
 */
export function findCudaProvider(python, given) {
  const require = createRequire(import.meta.url);
  const package_ = dirname(require.resolve('onnxruntime-node/package.json'));
  const { version } = require('onnxruntime-node/package.json');
  const to = join(package_, 'bin/napi-v6/linux/x64');
  const [provider] = PROVIDER;
  if (existsSync(join(to, provider))) return undefined;
  if (given !== undefined) {
    for (const file of PROVIDER) copyFileSync(join(given, file), join(to, file));
    return undefined;
  }
  const from = said(python, '-c', 'import onnxruntime as o; print(o.__version__, o.__file__)').split(' ');
  const folder = join(dirname(from[1] ?? ''), 'capi');
  if (from[0] !== version || !existsSync(join(folder, provider)))
    return `${provider} was not packed, and no onnxruntime-gpu ${version} is installed in Python`;
  for (const file of PROVIDER) copyFileSync(join(folder, file), join(to, file));
  return undefined;
}

/** Variables under which WebGPU finds a driver: the card's, or SwiftShader's in a dry run. */
export function vulkanEnvironment(packed, dryRun) {
  const driver = dryRun ? SWIFTSHADER.find(existsSync) : nvidiaIcd();
  const loader = said('ldconfig', '-p').includes('libvulkan.so.1') ? [] : [packed];
  const libraries = [...loader, ...(dryRun && driver !== undefined ? [dirname(driver)] : [])];
  return {
    ...(driver === undefined ? {} : { VK_DRIVER_FILES: driver, VK_ICD_FILENAMES: driver }),
    LD_LIBRARY_PATH: [...libraries, process.env.LD_LIBRARY_PATH ?? ''].filter(Boolean).join(':'),
  };
}

function nvidiaIcd() {
  for (const folder of ICD_FOLDERS) {
    const name = existsSync(folder)
      ? readdirSync(folder).find((file) => /nvidia.*\.json$/.test(file))
      : undefined;
    if (name !== undefined) return join(folder, name);
  }
  return undefined;
}
