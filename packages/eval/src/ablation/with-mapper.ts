import { protocolNamed } from '../protocols/protocols.js';
import type { Ablation, MapperOverride } from './ablation.js';

/** A table whose columns of free names count them for the classes that a label mapper says; other columns stay. */
export function withMapper(table: Ablation, mapper: MapperOverride): Ablation {
  return {
    ...table,
    columns: table.columns.map((column) => {
      const protocols = [column.synthetic, column.real].flatMap((source) => source?.protocol ?? []);
      if (!protocols.some((name) => protocolNamed(name).freeNames === true)) return column;
      return { ...column, overrides: { ...column.overrides, mapper } };
    }),
  };
}
