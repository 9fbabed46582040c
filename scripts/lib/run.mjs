import { spawn } from 'node:child_process';

/**
 * Runs a command with this process's terminal and resolves with its exit code
 * (128 + n for signal n unknown: 1).
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
