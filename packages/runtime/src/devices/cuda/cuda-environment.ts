import { cudaLibraryFolders } from './libraries.js';

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
