import type { RosePreset } from '../preset.js';

/**
 * The role of every patch (ROSE, supplement 6.2): super-patches of side x side patches tile the grid from its top left,
 * those at the right and bottom edges may be cut. Which cell has which role is data.
 * @returns row-major, rows * columns roles; nothing where patches have no roles
 */
export function patchRoles(
  { side, roles }: RosePreset['superPatch'],
  rows: number,
  columns: number,
): readonly string[] | undefined {
  if (side === 1 || roles.length === 0) return undefined;
  return Array.from({ length: rows * columns }, (_, patch) => {
    const row = Math.floor(patch / columns) % side;
    const column = (patch % columns) % side;
    return roles[row * side + column] ?? '';
  });
}
