import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { neededLibraries } from './elf-needs.js';
import { isThere, librarySearch, type LibrarySearch } from './libraries.js';

/** What is known of CUDA on this machine without running anything on it. */
export interface CudaFindings {
  /** Version of the NVIDIA driver, `unknown` where it does not say; nothing when there is none. */
  readonly driver?: string;
  /** Path of ONNX Runtime's CUDA provider; nothing when it is not installed. */
  readonly provider?: string;
  /** The CUDA that the provider was built for, e.g. 13: its own list of libraries says so. */
  readonly cuda?: number;
  /** Libraries that the provider needs and the loader does not find. */
  readonly missing: readonly string[];
  /** Why CUDA cannot work; nothing when nothing speaks against it. */
  readonly obstacle?: string;
}

/** Where to look; tests point it elsewhere. */
export interface CudaPlaces {
  /** Folder of ONNX Runtime's libraries. */
  readonly native: string;
  /** What the driver says of itself. */
  readonly driverFile?: string;
  /** Where libraries are looked for. */
  readonly search?: LibrarySearch;
}

/** ONNX Runtime's CUDA provider. */
export const CUDA_PROVIDER = 'libonnxruntime_providers_cuda.so';
/** cuDNN, of the same version for CUDA 12 and 13; loaded when the first model needs it, so no file lists it. */
const CUDNN = 'libcudnn.so.9';
/** The first driver for each CUDA (NVIDIA's CUDA Toolkit release notes, table of driver versions). */
const FIRST_DRIVER: Readonly<Record<number, number>> = { 11: 450, 12: 525, 13: 580 };

/**
 * Looks for what CUDA needs: driver, ONNX Runtime's provider, and the libraries that the provider names.
 */
export function examineCuda(places: CudaPlaces): CudaFindings {
  const { native, driverFile = '/proc/driver/nvidia/version', search = librarySearch() } = places;
  const driver = driverVersion(driverFile, search);
  const provider = join(native, CUDA_PROVIDER);
  const known = driver === undefined ? {} : { driver };
  if (!existsSync(provider)) {
    const both = driver === undefined ? `; ${NO_DRIVER}` : '';
    return {
      ...known,
      missing: [],
      obstacle: `ONNX Runtime's CUDA provider (${CUDA_PROVIDER}) is not installed${both}`,
    };
  }
  const needs = neededLibraries(provider);
  const cuda = Number(
    needs.map((name) => /^libcudart\.so\.(\d+)$/.exec(name)?.[1]).find((found) => found !== undefined),
  );
  const version = Number.isInteger(cuda) ? { cuda } : {};
  const missing = [...needs, CUDNN].filter((name) => /^lib(?:cu|nv)/.test(name) && !isThere(name, search));
  const obstacle = obstacleOf(driver, version.cuda, missing);
  return { ...known, provider, ...version, missing, ...(obstacle === undefined ? {} : { obstacle }) };
}

const NO_DRIVER = 'there is no NVIDIA driver';

function obstacleOf(
  driver: string | undefined,
  cuda: number | undefined,
  missing: readonly string[],
): string | undefined {
  if (driver === undefined) return NO_DRIVER;
  const first = cuda === undefined ? undefined : FIRST_DRIVER[cuda];
  const major = Number(driver.split('.')[0]);
  if (first !== undefined && major < first)
    return `the provider is built for CUDA ${cuda}, which needs driver ${first} or newer; this one is ${driver}`;
  if (missing.length === 0) return undefined;
  const of = cuda === undefined ? '' : ` of CUDA ${cuda} and cuDNN 9`;
  return `libraries${of} are not found: ${missing.join(', ')}`;
}

/** The kernel module's own word; where that is hidden (WSL, some containers) the driver's library tells only that there is one. */
function driverVersion(file: string, search: LibrarySearch): string | undefined {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const version = /Kernel Module[^\d]*(\d+\.\d+(?:\.\d+)?)/.exec(text.replace(/x86_64|aarch64/g, ''))?.[1];
  if (version !== undefined) return version;
  return isThere('libcuda.so.1', search) ? 'unknown' : undefined;
}
