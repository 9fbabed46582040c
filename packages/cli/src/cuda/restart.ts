import { spawn } from 'node:child_process';

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
