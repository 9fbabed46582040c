import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { CUDA_INSTALL_COMMAND } from '../remedies.js';
import { CUDA_PROVIDER } from './examine-cuda.js';

/** The wheel whose CUDA provider is built from the same commit as the ONNX Runtime that Maskloom loads. */
const PROVIDER = 'onnxruntime-gpu';
/** Members of that wheel that ONNX Runtime looks for beside its own library. */
const PROVIDER_FILES = [CUDA_PROVIDER, 'libonnxruntime_providers_shared.so'];
/** NVIDIA's libraries of CUDA 13 that the provider names or loads, with which its loading was tried. */
export const CUDA_PACKAGES: readonly string[] = [
  'nvidia-cublas==13.10.0.20',
  'nvidia-cuda-runtime==13.5.37',
  'nvidia-curand==10.4.5.25',
  'nvidia-cudnn-cu13==9.28.1.4',
  'nvidia-cufft==12.5.0.14',
  'nvidia-cuda-nvrtc==13.5.37',
];
/** Any CPython will do for the provider's wheel: no Python code of it is used. */
const ANY_LINUX = [
  '--python-version',
  '3.12',
  '--implementation',
  'cp',
  '--platform',
  'manylinux_2_28_x86_64',
  '--platform',
  'manylinux_2_27_x86_64',
];
const UNZIP = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2], sys.argv[3:])';

/** Where things go, and what fetches them. */
export interface CudaInstall {
  /** A Python with pip; its indexes, proxies and caches are used as they are set up. */
  readonly python: string;
  /** Version of ONNX Runtime. */
  readonly version: string;
  /** Folder of ONNX Runtime's libraries. */
  readonly native: string;
  /** Folder for NVIDIA's libraries. */
  readonly folder: string;
  /** Ends it; what was half fetched is removed. */
  readonly signal: AbortSignal;
}

/**
 * Fetches ONNX Runtime's CUDA provider and puts it beside ONNX Runtime (250 MB to fetch, 270 MB on disk).
 * @throws MaskloomError DEVICE_UNAVAILABLE when there is no pip or it fails; OUTPUT_UNWRITABLE; ABORTED
 */
export async function installProvider(install: CudaInstall): Promise<void> {
  const { python, version, native, signal } = install;
  const work = await mkdtemp(join(tmpdir(), 'maskloom-cuda-'));
  try {
    const wanted = `${PROVIDER}==${version}`;
    await pip(
      python,
      ['download', '--no-deps', '--only-binary=:all:', ...ANY_LINUX, '-d', work, wanted],
      signal,
    );
    const wheel = (await readdir(work)).find((file) => file.endsWith('.whl'));
    const members = PROVIDER_FILES.map((file) => `onnxruntime/capi/${file}`);
    await run(python, ['-c', UNZIP, join(work, wheel ?? ''), work, ...members], signal);
    for (const [i, file] of PROVIDER_FILES.entries())
      await placeWhole(join(work, members[i] ?? ''), join(native, file));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Fetches NVIDIA's libraries (about 1.5 GB).
 * @throws MaskloomError as {@link installProvider}
 */
export async function installLibraries({ python, folder, signal }: CudaInstall): Promise<void> {
  await writable(dirname(folder), () => mkdir(dirname(folder), { recursive: true }));
  const work = await mkdtemp(`${folder}.partial-`);
  try {
    await pip(
      python,
      ['install', '--no-deps', '--only-binary=:all:', '--target', work, ...CUDA_PACKAGES],
      signal,
    );
    await rm(folder, { recursive: true, force: true });
    await writable(folder, () => rename(work, folder));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The first Python with pip. @throws MaskloomError DEVICE_UNAVAILABLE */
export async function findPython(signal: AbortSignal): Promise<string> {
  for (const python of ['python3', 'python'])
    if ((await exitOf(python, ['-m', 'pip', '--version'], signal, 'ignore')) === 0) return python;
  throw new MaskloomError('DEVICE_UNAVAILABLE', 'CUDA cannot be fetched: there is no Python with pip.', {
    where: 'maskloom doctor --cuda',
    hint: `Install Python and pip, or take NuGet's build: ${CUDA_INSTALL_COMMAND}`,
  });
}

async function pip(python: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  await run(python, ['-m', 'pip', '--disable-pip-version-check', ...args], signal);
}

async function run(python: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  const code = await exitOf(python, args, signal, 'inherit');
  if (signal.aborted)
    throw new MaskloomError('ABORTED', 'fetching CUDA was interrupted', { cause: signal.reason });
  if (code === 0) return;
  throw new MaskloomError('DEVICE_UNAVAILABLE', `CUDA could not be fetched: ${python} ended with ${code}.`, {
    where: `${python} ${args.filter((arg) => arg !== UNZIP).join(' ')}`,
    hint: `See what it says above (it needs a package index and room on the disk), or take NuGet's build: ${CUDA_INSTALL_COMMAND}`,
  });
}

/** Runs a program; what it prints goes to standard error, so that standard output stays the command's own. */
function exitOf(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  output: 'inherit' | 'ignore',
): Promise<number> {
  return new Promise((resolve) => {
    const err = output === 'inherit' ? 2 : 'ignore';
    const child = spawn(command, args, { stdio: ['ignore', err, err], signal });
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

async function placeWhole(from: string, to: string): Promise<void> {
  await writable(to, async () => {
    const partial = `${to}.partial-${process.pid}`;
    await copyFile(from, partial);
    await rename(partial, to);
  });
}

async function writable(where: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new MaskloomError('OUTPUT_UNWRITABLE', 'CUDA cannot be put where it belongs.', {
      where,
      hint: 'Give the right to write there, or room on its disk.',
      cause,
    });
  }
}
