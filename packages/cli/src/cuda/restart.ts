import { spawn } from 'node:child_process';
import { cudaLibraryFolders } from '@maskloom/runtime';

const VARIABLE = 'LD_LIBRARY_PATH';
/** Set in a process that was started again, so that it does not start another. */
const RESTARTED = 'MASKLOOM_CUDA_PATH_SET';

/**
 * The environment that a process needs to find the CUDA libraries that were fetched.
 * @param folders - where they lie
 * @returns nothing when there are none, or this one has it already
 */
export function cudaEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  folders: readonly string[] = cudaLibraryFolders(environment),
): NodeJS.ProcessEnv | undefined {
  const present = (environment[VARIABLE] ?? '').split(':').filter((folder) => folder !== '');
  const lacking = folders.filter((folder) => !present.includes(folder));
  if (lacking.length === 0 || environment[RESTARTED] === '1' || process.platform !== 'linux')
    return undefined;
  return { ...environment, [VARIABLE]: [...lacking, ...present].join(':'), [RESTARTED]: '1' };
}

/**
 * Runs this command again with the library path set: the dynamic loader reads the path once, when a process starts.
 * @param signal - ends it
 * @returns the exit code
 */
export function restart(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, process.argv.slice(1), {
    env: environment,
    stdio: 'inherit',
    signal,
  });
  return new Promise((resolve, reject) => {
    child.on('error', (error) => (signal.aborted ? resolve(130) : reject(error)));
    child.on('close', (code) => resolve(code ?? 1));
  });
}
