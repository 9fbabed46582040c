import { MaskloomError } from '@maskloom/core';
import type { DeviceReport } from '../device-report.js';
import { CUDA_INSTALL_COMMAND } from '../remedies.js';
import { examineCuda, type CudaFindings, type CudaPlaces } from './examine-cuda.js';
import { installLibraries, installProvider, type CudaInstall } from './install-cuda.js';

/** What making CUDA work needs; tests give other places and other answers. */
export interface CudaWork {
  /** Where driver, provider and libraries are looked for. */
  readonly places: CudaPlaces;
  /** Where things are fetched to; Python is looked for when it is needed. */
  readonly install: Omit<CudaInstall, 'python'>;
  /** A Python with pip. */
  readonly python: () => Promise<string>;
  /** Says one line. */
  readonly say: (line: string) => void;
  /** Runs the command again with the library path that finds what was fetched; nothing when the path is right already. */
  readonly restart: () => Promise<number> | undefined;
  /** Runs a small model on CUDA. */
  readonly probe: () => Promise<DeviceReport>;
}

/**
 * Makes CUDA work with what can be fetched: looks, fetches what is missing (ONNX Runtime's provider, then NVIDIA's
 * libraries), starts again with the library path set, and runs a model.
 * @returns the exit code
 * @throws MaskloomError DEVICE_UNAVAILABLE naming what is missing and what to do; OUTPUT_UNWRITABLE, ABORTED
 */
export async function makeCudaWork(work: CudaWork): Promise<number> {
  const { places, install, say } = work;
  let found = examineCuda(places);
  // Before a gigabyte is fetched.
  requireDriver(found);
  say(`driver     NVIDIA ${found.driver}`);
  if (found.provider === undefined) {
    say("provider   ONNX Runtime's CUDA provider is missing: fetching it from PyPI (250 MB)");
    await installProvider({ ...install, python: await work.python() });
    found = examineCuda(places);
    requireDriver(found);
  }
  say(`provider   ${found.provider ?? 'none'}, built for CUDA ${found.cuda ?? '?'} and cuDNN 9`);
  if (found.missing.length > 0) {
    const again = work.restart();
    if (again !== undefined) return again;
    if (found.cuda !== 13)
      throw unavailable(found, `Install CUDA ${found.cuda ?? ''} and cuDNN 9 from NVIDIA.`);
    say(
      `libraries  ${found.missing.join(', ')} are missing: fetching CUDA 13 and cuDNN 9 from PyPI (1.5 GB)`,
    );
    await installLibraries({ ...install, python: await work.python() });
    const restarted = work.restart();
    if (restarted !== undefined) {
      say('starting again with the library path set ...');
      return restarted;
    }
    throw unavailable(
      found,
      `Set LD_LIBRARY_PATH to the folders named lib under ${install.folder} before Node starts.`,
    );
  }
  say('libraries  all found');
  const { available, reason } = await work.probe();
  if (!available)
    throw unavailable(
      { ...found, obstacle: reason ?? 'no model runs on it' },
      'See the reason; nvidia-smi must show a card.',
    );
  say('cuda       available: a model ran on it');
  return 0;
}

/** No driver, or one that is too old for the CUDA that the provider is built for. */
function requireDriver(found: CudaFindings): void {
  if (found.driver === undefined)
    throw unavailable(
      { ...found, obstacle: 'there is no NVIDIA driver' },
      'Install the NVIDIA driver, 580 or newer for CUDA 13; in a container start it with the GPUs passed in.',
    );
  const old = found.obstacle?.includes('needs driver') === true;
  if (old) throw unavailable(found, `Install a newer driver, or take NuGet's build: ${CUDA_INSTALL_COMMAND}`);
}

function unavailable({ obstacle }: CudaFindings, hint: string): MaskloomError {
  return new MaskloomError(
    'DEVICE_UNAVAILABLE',
    `CUDA cannot be used: ${obstacle ?? 'something is missing'}.`,
    {
      where: 'maskloom doctor --cuda',
      hint,
    },
  );
}
