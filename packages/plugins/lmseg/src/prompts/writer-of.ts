import type { DescriptionSource } from './source.js';
import { allAttributes, oneAttribute } from './described.js';
import { bareName, template } from './plain-writers.js';
import type { PromptVariant } from './variants.js';

/** The stage that writes one kind of prompt: how a name on the command line or a table's row becomes a stage. */
export function writerOf(variant: PromptVariant, source?: string | DescriptionSource) {
  const from = source === undefined ? {} : { source };
  switch (variant) {
    case 'name':
      return bareName();
    case 'template':
      return template();
    case 'all':
      return allAttributes(from);
    default:
      return oneAttribute({ attribute: variant, ...from });
  }
}
