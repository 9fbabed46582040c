import { createHash } from 'node:crypto';

/**
 * One short name for the weights of a recipe: the first 12 digits of the SHA-256 over the hashes of its model files, in the
 * order of their roles' names. The same wherever weights are shown.
 * @param models - SHA-256 of each model file, by role
 */
export function weightsHash(models: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256');
  for (const role of Object.keys(models).sort()) hash.update(`${role} ${models[role] ?? ''}\n`);
  return hash.digest('hex').slice(0, 12);
}
