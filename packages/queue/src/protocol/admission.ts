import type { Sealer } from './seal.js';

/** Clocks of two machines may differ by so much, in seconds; an overheard request is good for as long. */
const SKEW_S = 300;

/** What a worker shows at the coordinator's door: proof that it has the token, without the token. */
export function admission(sealer: Sealer, path: string, seconds = Math.floor(Date.now() / 1000)): string {
  return `Maskloom ${seconds} ${sealer.sign('http', `${seconds} ${path}`)}`;
}

/** Whether what was shown is good for a path, now. */
export function isAdmitted(sealer: Sealer, path: string, shown: string | undefined): boolean {
  const [scheme, seconds = '', seal = ''] = (shown ?? '').split(' ');
  const late = Math.abs(Date.now() / 1000 - Number(seconds));
  return scheme === 'Maskloom' && late < SKEW_S && sealer.verify('http', `${seconds} ${path}`, seal);
}
