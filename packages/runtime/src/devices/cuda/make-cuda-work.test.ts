import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceReport } from '../device-report.js';
import { cudaEnvironment } from './cuda-environment.js';
import { examineCuda } from './examine-cuda.js';
import { fakeElf } from './fake-elf.test.helper.js';
import { CUDA_PACKAGES } from './install-cuda.js';
import { cudaLibraryFolders } from './libraries.js';
import { makeCudaWork, type CudaWork } from './make-cuda-work.js';

const PROVIDER = 'libonnxruntime_providers_cuda.so';
const NEEDS = ['libcublas.so.13', 'libcudart.so.13', 'libcuda.so.1', 'libc.so.6'];
const DRIVER =
  'NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun Jul 27 07:15:09 UTC 2026\nGCC version: 12\n';
const hasPip = ((): boolean => {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

let folder: string;
const at = (...parts: string[]): string => join(folder, ...parts);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'maskloom-cuda-test-'));
  for (const name of ['native', 'driver', 'wheels', 'cache']) mkdirSync(at(name));
  writeFileSync(at('driver/libcuda.so.1'), '');
  writeFileSync(at('version'), DRIVER);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** The work on the folders of this test; `LD_LIBRARY_PATH` as given. */
function work(
  more: Partial<CudaWork> & { readonly libraries?: readonly string[] } = {},
): CudaWork & { said: string[] } {
  const said: string[] = [];
  return {
    said,
    places: {
      native: at('native'),
      driverFile: at('version'),
      search: { folders: [at('driver'), ...(more.libraries ?? [])], cached: new Set() },
    },
    install: {
      version: '1.30.0',
      native: at('native'),
      folder: at('cache/cuda/1.30.0'),
      signal: new AbortController().signal,
    },
    python: async () => 'python3',
    say: (line) => said.push(line),
    restart: () => undefined,
    probe: async (): Promise<DeviceReport> => ({ device: 'cuda', available: true }),
    ...more,
  };
}
const refused = (message: RegExp, hint: string): object => ({
  code: 'DEVICE_UNAVAILABLE',
  message: expect.stringMatching(message) as string,
  hint: expect.stringContaining(hint) as string,
});

describe('what speaks against CUDA is named before anything is fetched', () => {
  const never = { python: () => Promise.reject(new Error('fetched')) };

  it('no driver', async () => {
    rmSync(at('version'));
    rmSync(at('driver/libcuda.so.1'));
    await expect(makeCudaWork(work(never))).rejects.toMatchObject(
      refused(/there is no NVIDIA driver/, '580'),
    );
  });

  it('a driver that is too old for the CUDA of the provider', async () => {
    writeFileSync(at('version'), DRIVER.replace('580.65.06', '535.129.03'));
    writeFileSync(at('native', PROVIDER), fakeElf(NEEDS));
    await expect(makeCudaWork(work(never))).rejects.toMatchObject(
      refused(/built for CUDA 13, which needs driver 580 or newer; this one is 535\.129\.03/, 'cuda12'),
    );
  });

  it("libraries of a CUDA that is not ours to fetch (NuGet's build)", async () => {
    const twelve = NEEDS.map((name) => name.replace('.13', '.12'));
    writeFileSync(at('native', PROVIDER), fakeElf(twelve));
    expect(examineCuda(work().places)).toMatchObject({ cuda: 12, driver: '580.65.06' });
    await expect(makeCudaWork(work(never))).rejects.toMatchObject(
      refused(
        /CUDA 12 and cuDNN 9 are not found: libcublas\.so\.12, libcudart\.so\.12, libcudnn\.so\.9/,
        'Install CUDA 12',
      ),
    );
  });

  it('a card on which no model runs', async () => {
    writeFileSync(at('native', PROVIDER), fakeElf(NEEDS));
    mkdirSync(at('lib'));
    for (const name of [...NEEDS, 'libcudnn.so.9']) writeFileSync(at('lib', name), '');
    const probe = async (): Promise<DeviceReport> => ({
      device: 'cuda',
      available: false,
      reason: 'CUDA failure 100',
    });
    await expect(makeCudaWork(work({ ...never, libraries: [at('lib')], probe }))).rejects.toMatchObject(
      refused(/CUDA failure 100/, 'nvidia-smi'),
    );
    expect(await makeCudaWork(work({ ...never, libraries: [at('lib')] }))).toBe(0);
  });
});

/** A wheel for the local index: pip takes any zip with these two metadata files. */
function wheel(file: string, name: string, version: string, members: Readonly<Record<string, Buffer>>): void {
  const info = `${name}-${version}.dist-info`;
  const all = {
    ...members,
    [`${info}/METADATA`]: Buffer.from(`Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`),
    [`${info}/WHEEL`]: Buffer.from(
      'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-any\n',
    ),
    [`${info}/RECORD`]: Buffer.from(''),
  };
  const source = at('source');
  for (const [path, bytes] of Object.entries(all)) {
    mkdirSync(join(source, path, '..'), { recursive: true });
    writeFileSync(join(source, path), bytes);
  }
  const program =
    'import sys, zipfile, pathlib\nroot = pathlib.Path(sys.argv[2])\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n' +
    '    for f in sorted(root.rglob("*")):\n        if f.is_file(): z.write(f, f.relative_to(root))';
  execFileSync('python3', ['-c', program, at('wheels', file), source]);
  rmSync(source, { recursive: true });
}

describe.skipIf(!hasPip || process.platform !== 'linux')(
  'what is missing is fetched by pip (needs python3 with pip)',
  () => {
    beforeEach(() => {
      vi.stubEnv('PIP_NO_INDEX', '1');
      vi.stubEnv('PIP_FIND_LINKS', at('wheels'));
      vi.stubEnv('PIP_CONFIG_FILE', '/dev/null');
      vi.stubEnv('PIP_CONSTRAINT', '');
    });
    const providerWheel = (): void =>
      wheel('onnxruntime_gpu-1.30.0-cp312-cp312-manylinux_2_28_x86_64.whl', 'onnxruntime_gpu', '1.30.0', {
        [`onnxruntime/capi/${PROVIDER}`]: fakeElf(NEEDS),
        'onnxruntime/capi/libonnxruntime_providers_shared.so': fakeElf([]),
        'onnxruntime/capi/other.so': Buffer.from('not wanted'),
      });

    it(
      'provider, then libraries, then the command starts again with the path and runs a model',
      { timeout: 60_000 },
      async () => {
        providerWheel();
        for (const spec of CUDA_PACKAGES) {
          const [name = '', version = ''] = spec.split('==');
          const library =
            name === 'nvidia-cublas'
              ? 'libcublas.so.13'
              : name === 'nvidia-cuda-runtime'
                ? 'libcudart.so.13'
                : 'libx.so';
          const home =
            name === 'nvidia-cudnn-cu13' ? 'nvidia/cudnn/lib/libcudnn.so.9' : `nvidia/cu13/lib/${library}`;
          const wheelName = name.replaceAll('-', '_');
          wheel(`${wheelName}-${version}-py3-none-any.whl`, wheelName, version, {
            [home]: Buffer.from(name),
          });
        }
        const environment = { MASKLOOM_CACHE: at('cache') };
        const restart = vi.fn(() => {
          const next = cudaEnvironment(environment, cudaLibraryFolders(environment));
          if (next === undefined) return undefined;
          const libraries = (next['LD_LIBRARY_PATH'] ?? '').split(':');
          return makeCudaWork(work({ libraries, restart: () => undefined }));
        });
        const first = work({ restart });
        expect(await makeCudaWork(first)).toBe(0);
        expect(first.said.join('\n')).toMatch(
          /580\.65\.06\n.*provider is missing[^]*built for CUDA 13 and cuDNN 9[^]*starting again/,
        );
        expect(readdirSync(at('native')).sort()).toEqual([PROVIDER, 'libonnxruntime_providers_shared.so']);
        expect(cudaLibraryFolders(environment)).toEqual([
          at('cache/cuda/1.30.0/nvidia/cu13/lib'),
          at('cache/cuda/1.30.0/nvidia/cudnn/lib'),
        ]);
        expect(readdirSync(at('cache/cuda'))).toEqual(['1.30.0']);
      },
    );

    it(
      'a package that cannot be had is an error, and nothing is half there',
      { timeout: 60_000 },
      async () => {
        await expect(makeCudaWork(work())).rejects.toMatchObject(
          refused(/could not be fetched: python3 ended with 1/, 'cuda12'),
        );
        expect(readdirSync(at('native'))).toEqual([]);
        providerWheel();
        await expect(makeCudaWork(work())).rejects.toMatchObject(refused(/could not be fetched/, 'index'));
        expect(existsSync(at('cache/cuda')) ? readdirSync(at('cache/cuda')) : []).toEqual([]);
      },
    );
  },
);

it('a process is started again once, and only where there is something to find', () => {
  expect(cudaEnvironment({}, [])).toBeUndefined();
  const next = cudaEnvironment({ LD_LIBRARY_PATH: '/a' }, ['/b', '/c']);
  expect(next?.['LD_LIBRARY_PATH']).toBe('/b:/c:/a');
  expect(cudaEnvironment(next, ['/b', '/c', '/d'])).toBeUndefined();
  expect(cudaEnvironment({ LD_LIBRARY_PATH: '/c:/b' }, ['/b', '/c'])).toBeUndefined();
});
