import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for a run that nobody keeps: gone when it is disposed of, or when the process ends. */
export function temporaryRun(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'maskloom-run-'));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return {
    path,
    [Symbol.dispose]() {
      process.off('exit', remove);
      remove();
    },
  };
}
