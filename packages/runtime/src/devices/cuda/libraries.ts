import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, type Environment } from '../../cache-directory.js';
import { ONNX_RUNTIME_VERSION } from '../../native/find-onnx-runtime.js';

/** Where `maskloom doctor --cuda` puts CUDA's libraries. */
export function cudaFolder(environment: Environment = process.env): string {
  return join(cacheDirectory(environment), 'cuda', ONNX_RUNTIME_VERSION);
}

/**
 * The folders with CUDA's libraries that `maskloom doctor --cuda` fetched: those that LD_LIBRARY_PATH has to hold before a
 * process starts, because a library that is loaded later does not find the others.
 */
export function cudaLibraryFolders(environment: Environment = process.env): readonly string[] {
  const nvidia = join(cudaFolder(environment), 'nvidia');
  const parts = existsSync(nvidia) ? readdirSync(nvidia) : [];
  return parts.map((part) => join(nvidia, part, 'lib')).filter((folder) => existsSync(folder));
}

/** Where the dynamic loader looks, as far as that can be told without loading anything. */
export interface LibrarySearch {
  /** Folders, the first first. */
  readonly folders: readonly string[];
  /** Paths that the loader's cache knows, by library name. */
  readonly cached: ReadonlySet<string>;
}

/** The search of a process with this environment. */
export function librarySearch(environment: Environment = process.env): LibrarySearch {
  const named = (environment['LD_LIBRARY_PATH'] ?? '').split(':').filter((folder) => folder !== '');
  return { folders: [...named, '/usr/lib/x86_64-linux-gnu', '/usr/lib64'], cached: loaderCache() };
}

/** Whether a library would be found. */
export function isThere(library: string, { folders, cached }: LibrarySearch): boolean {
  return cached.has(library) || folders.some((folder) => existsSync(join(folder, library)));
}

function loaderCache(): ReadonlySet<string> {
  for (const command of ['ldconfig', '/sbin/ldconfig']) {
    try {
      const text = execFileSync(command, ['-p'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      return new Set(text.split('\n').map((line) => line.trim().split(' ')[0] ?? ''));
    } catch {
      // Not on the path of an ordinary user, or no glibc.
    }
  }
  return new Set();
}
