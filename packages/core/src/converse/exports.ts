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
export { resolveInstruction, type ResolvedInstruction } from './resolve-instruction.js';
export { whichSegment } from './which-segment.js';
export { checkInstruction } from './check-instruction.js';
