import {
  defineRecipe,
  type FeatureCache,
  type ImageFrame,
  type LabelMapper,
  type Pipeline,
  type Recipe,
  type SlotSignals,
  type StageSpec,
} from '@maskloom/core';
import { mapFreeNames } from '@maskloom/metrics';
import { z } from 'zod';
import type { NameMapping } from './map-names.js';

/** What flows where when names are mapped outside of a system. */
export interface MapperWiring {
  /** Names to labels. */
  readonly LabelMapper: SlotSignals<'names' | 'candidates', 'names'>;
}

const names = z.array(z.string());
const mapping = z.record(z.string(), z.string().nullable());

/**
 * A label mapper by itself, so that it opens its models and is disposed of as a system's stage is. Asked by
 * `askMapper` alone: the request's text is a list of names, the answer their mapping.
 * @param stage - the mapper
 * @param entry - the bundle's entry that has its models
 */
export function mapperRecipe(
  stage: StageSpec<'LabelMapper', 'names' | 'candidates', 'names'>,
  entry: string,
): Recipe<MapperWiring> {
  return defineRecipe({
    system: 'eval',
    name: 'label-mapper',
    summary: 'Names that a system wrote to the labels of a data set.',
    tasks: ['free'],
    bundleRecipe: entry,
    wiring: { LabelMapper: { supplies: ['names', 'candidates'], demands: ['names'] } },
    stages: { LabelMapper: stage },
    run: async (stages, _, { text = '[]', labels = [] }, run) => {
      const mapper: LabelMapper = stages.LabelMapper;
      const found = await mapFreeNames(mapper, names.parse(JSON.parse(text)), labels, run);
      return { answer: JSON.stringify(found), segments: [] };
    },
  });
}

/** Asks a pipeline of {@link mapperRecipe} which labels some names mean. */
export async function askMapper(
  pipeline: Pipeline,
  { frame, cache }: { readonly frame: ImageFrame; readonly cache: FeatureCache },
  written: readonly string[],
  labels: readonly string[],
): Promise<NameMapping> {
  const request = { task: 'free', text: JSON.stringify(written), labels } as const;
  const { answer } = await pipeline.segment(frame, request, { cache });
  return mapping.parse(JSON.parse(answer));
}
