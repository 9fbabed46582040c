export type { Conversation, ConversationStep, InstructionHints } from './conversation.js';
export {
  CONVERSATION_SCHEMA,
  type ConversationRecord,
  type SavedImage,
  type SavedInstruction,
  type SavedPoints,
  type SavedPrediction,
  type SavedPrompt,
  type SavedRefinement,
  type SavedRequest,
  type SavedSegment,
  type SavedStep,
} from './saved.js';
export { readInstruction, UNTOUCHED, type InstructionReading } from './read-instruction.js';
export { resolveInstruction, resolveTurn } from './resolve-instruction.js';
export {
  isEdit,
  isHistory,
  type HistoryInstruction,
  type ResolvedEdit,
  type ResolvedInstruction,
  type ResolvedTurn,
  type TurnInstruction,
} from './instruction.js';
export { SAYABLE } from './sayable.js';
export { LONGEST_INSTRUCTION } from './words.js';
export { editPrediction, RESIZE_FRACTION } from './edit-prediction.js';
export { resizeMask } from './resize-mask.js';
export { whichSegments, type TargetHints } from './which-segments.js';
export { whichSegment } from './which-segment.js';
export { checkInstruction } from './check-instruction.js';
export { isKnown, SAME_THING } from './only-new.js';
export { overlapOfBoxes } from '../domain/box-overlap.js';
