import { MaskloomError } from '@maskloom/core';
import type { ModelPort } from '@maskloom/core';
import type { BundleManifest, BundleModel } from './manifest.js';
import { mergePreset } from './merge-preset.js';
import { PRESET_WIDTHS, ROLE_PORTS } from './role-ports.js';
import type { RoleAxis } from './role-ports.js';

interface Width {
  readonly length: number;
  readonly where: string;
}

/**
 * Checks on the manifest alone that the models of a recipe fit each other and its constants: each known
 * role has its ports, and widths that must be equal are. Roles of other plugins are left to them.
 * @throws MaskloomError BUNDLE_SHAPE_MISMATCH naming both places that disagree
 */
export function checkShapes(manifest: BundleManifest, recipe: string): void {
  const entry = manifest.recipes[recipe];
  if (entry === undefined) return;
  const widths = new Map<string, Width>();
  for (const [preset, key, name] of PRESET_WIDTHS) {
    const group = mergePreset(manifest.presets[preset], entry.presets?.[preset]);
    const length =
      typeof group === 'object' && group !== null ? (group as Record<string, unknown>)[key] : undefined;
    if (typeof length === 'number') agree(widths, name, { length, where: `presets.${preset}.${key}` });
  }
  for (const [role, id] of Object.entries(entry.models)) {
    const ports = Object.hasOwn(ROLE_PORTS, role) ? ROLE_PORTS[role] : undefined;
    if (ports === undefined) continue;
    const model = manifest.models[id] as BundleModel;
    checkSide(widths, ports.inputs, model.inputs, `models.${id}.inputs`, role);
    checkSide(widths, ports.outputs, model.outputs, `models.${id}.outputs`, role);
  }
}

function checkSide(
  widths: Map<string, Width>,
  wanted: Readonly<Record<string, readonly RoleAxis[]>>,
  ports: readonly ModelPort[],
  field: string,
  role: string,
): void {
  for (const [name, axes] of Object.entries(wanted)) {
    const port = ports.find((candidate) => candidate.name === name);
    const where = `${field}.${name}`;
    if (port === undefined) throw mismatch(`the role '${role}' needs a port '${name}'`, where);
    if (port.shape.length !== axes.length) {
      throw mismatch(
        `the role '${role}' needs ${axes.length} axes, the model has [${port.shape.join(', ')}]`,
        where,
      );
    }
    axes.forEach((axis, index) => checkAxis(widths, axis, port.shape[index], `${where}.shape.${index}`));
  }
}

function checkAxis(
  widths: Map<string, Width>,
  wanted: RoleAxis,
  length: number | string | undefined,
  where: string,
): void {
  if (typeof length !== 'number' || wanted === '*') return;
  if (typeof wanted === 'string') agree(widths, wanted, { length, where });
  else if (wanted !== length) throw mismatch(`this axis must be ${wanted}, not ${length}`, where);
}

function agree(widths: Map<string, Width>, name: string, width: Width): void {
  const known = widths.get(name);
  if (known === undefined) widths.set(name, width);
  else if (known.length !== width.length) {
    throw mismatch(
      `the ${name} width is ${width.length} here and ${known.length} at ${known.where}`,
      width.where,
    );
  }
}

function mismatch(message: string, where: string): MaskloomError {
  return new MaskloomError('BUNDLE_SHAPE_MISMATCH', `the bundle's pieces do not fit: ${message}`, {
    where: `bundle.json: ${where}`,
    hint: 'Export the pieces of one recipe together.',
  });
}
