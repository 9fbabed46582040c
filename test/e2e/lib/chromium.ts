import { existsSync } from 'node:fs';

/** Debian's Chromium; CHROMIUM names another. */
export const CHROMIUM = [
  process.env['CHROMIUM'] ?? '',
  '/usr/lib/chromium/chromium',
  '/usr/bin/chromium',
].find((path) => path !== '' && existsSync(path));
