export { makeScene, type Scene, type SceneStuff, type SceneThing } from './synth/scene.js';
export {
  writeExpressions,
  type Expression,
  type ExpressionKind,
  type FalseExpression,
  type SegmentExpressions,
} from './synth/expressions.js';
export { writeQuestions, type ReasoningQuestion } from './synth/reasoning.js';
export { Prng } from './synth/prng.js';
export { writeSynth, type WriteSynthOptions } from './synth/write-synth.js';
export * from './report/exports.js';
export * from './data/exports.js';
