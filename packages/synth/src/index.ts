export { makeScene, type Box, type Scene, type SceneStuff, type SceneThing } from './scene.js';
export {
  writeExpressions,
  type Expression,
  type ExpressionKind,
  type FalseExpression,
  type SegmentExpressions,
} from './expressions.js';
export { writeQuestions, type ReasoningQuestion } from './reasoning.js';
export { writeCaption, type NounCount, type QuestionAnswer, type SceneCaption } from './captions.js';
export { writeSynth, type WriteSynthOptions } from './write-synth.js';
export {
  COLOURS,
  INVENTED,
  SHAPES,
  SIZES,
  STUFF,
  TEXTURES,
  VOCABULARY,
  type Attributes,
  type Colour,
  type InventedClass,
  type Shape,
  type SizeName,
  type StuffName,
  type Texture,
  type Vocabulary,
} from './vocabulary.js';
export { encodePng } from './png.js';
