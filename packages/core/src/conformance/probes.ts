import type { CoreSlotName } from '../slots/slot-stages.js';
import type { SlotProbe } from './probe.js';
import { encoderProbe, visionEncoderProbe } from './probes/encoder.js';
import { languageModelProbe } from './probes/language-model.js';
import {
  costAggregatorProbe,
  featureFuserProbe,
  semanticAssemblerProbe,
  textEmbedderProbe,
  tilerProbe,
} from './probes/dense.js';
import { maskDecoderProbe } from './probes/mask-decoder.js';
import { categoryGeneratorProbe, labelMapperProbe, promptWriterProbe } from './probes/naming.js';
import { patchAnalyzerProbe } from './probes/patch-analyzer.js';
import { pointPrompterProbe } from './probes/point-prompter.js';
import { queryProjectorProbe } from './probes/query-projector.js';
import { assemblerProbe, refinerProbe } from './probes/segments.js';

/** How each slot is probed. */
export const PROBES: { readonly [K in CoreSlotName]: SlotProbe<K> } = {
  Tiler: tilerProbe,
  Encoder: encoderProbe,
  VisionEncoder: visionEncoderProbe,
  LanguageModel: languageModelProbe,
  PatchAnalyzer: patchAnalyzerProbe,
  QueryProjector: queryProjectorProbe,
  PointPrompter: pointPrompterProbe,
  MaskDecoder: maskDecoderProbe,
  CategoryGenerator: categoryGeneratorProbe,
  PromptWriter: promptWriterProbe,
  TextEmbedder: textEmbedderProbe,
  FeatureFuser: featureFuserProbe,
  CostAggregator: costAggregatorProbe,
  LabelMapper: labelMapperProbe,
  Refiner: refinerProbe,
  Assembler: assemblerProbe,
  SemanticAssembler: semanticAssemblerProbe,
};
