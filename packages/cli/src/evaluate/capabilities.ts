import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Registry } from '@maskloom/core';
import { capabilityTable, capabilityText, writeWhole, type CapabilityTable } from '@maskloom/eval';

/** The id of the one table that is not measured. */
export const CAPABILITIES = 'rose/table-1';

/** ROSE's table 1 for the systems of a registry, written into a folder's `tables` when one is given. */
export function writeCapabilities(registry: Registry, folder?: string): CapabilityTable {
  const table = capabilityTable(
    Object.fromEntries(registry.systems().map(({ system, recipes }) => [system, recipes])),
  );
  if (folder !== undefined) {
    const place = join(folder, 'tables');
    mkdirSync(place, { recursive: true });
    const name = join(place, CAPABILITIES.replace('/', '-'));
    writeWhole(`${name}.txt`, capabilityText(table, 'text'));
    writeWhole(`${name}.csv`, capabilityText(table, 'csv'));
    writeWhole(`${name}.md`, capabilityText(table, 'md'));
    writeWhole(`${name}.json`, `${JSON.stringify(table, undefined, 1)}\n`);
  }
  return table;
}
