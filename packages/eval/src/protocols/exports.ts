export { mapperRecipe, type MapperWiring } from './mapper-recipe.js';
export type { NameMapping } from './map-names.js';
export { innermostPoint } from './innermost-point.js';
export { protocolNamed, protocols } from './protocols.js';
export {
  DEFAULT_SWITCHES,
  type AskContext,
  type AskRefiner,
  type EvalSwitches,
  type Helper,
  type KeptAnswer,
  type KeptSegment,
  type Protocol,
  type ProtocolResult,
} from './protocol.js';
