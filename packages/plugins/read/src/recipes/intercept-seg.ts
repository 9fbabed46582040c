import type {
  Assembler,
  DecodedMasks,
  EmittedState,
  FeatureMap,
  LanguageModel,
  LanguageSession,
  MaskDecoder,
  MaskPrompt,
  PointPrompter,
  PointSuggestion,
  QueryProjector,
  Tensor,
} from '@maskloom/core';
import { pointsFor } from '@maskloom/llava';

/** The stages that points are put between; the others pass through untouched. */
export interface InterceptedStages {
  readonly LanguageModel: LanguageModel;
  readonly QueryProjector: QueryProjector;
  readonly PointPrompter: PointPrompter;
  readonly MaskDecoder: MaskDecoder;
  readonly Assembler?: Assembler;
}

/** Where a query came from: its emitting state, and the image tokens of its session. */
interface Origin {
  readonly state: Tensor;
  readonly imageStates: FeatureMap;
}

/**
 * Stands in for the stages of one run of a `<SEG>` recipe and follows each emitted state to the mask prompt
 * made of it: state to session (language model), state to embedding row (projector), embedding row to prompt
 * (decoder), where its points are added; the assembler's labels get them as evidence.
 */
export function interceptSeg(stages: InterceptedStages): InterceptedStages {
  const sessions = new Map<Tensor, FeatureMap>();
  const rows = new Map<Tensor, readonly Tensor[]>();
  const evidence = new Map<DecodedMasks, readonly (PointSuggestion | undefined)[]>();

  const originOf = ({ embedding }: MaskPrompt): Origin | undefined => {
    const state = embedding === undefined ? undefined : rows.get(embedding.tensor)?.[embedding.row];
    const imageStates = state === undefined ? undefined : sessions.get(state);
    return state === undefined || imageStates === undefined ? undefined : { state, imageStates };
  };

  const noted = (session: LanguageSession): LanguageSession => ({
    imageStates: session.imageStates,
    answer: async (prompt, run) => {
      const answer = await session.answer(prompt, run);
      for (const { state } of answer.emitted satisfies readonly EmittedState[])
        sessions.set(state, session.imageStates);
      return answer;
    },
  });

  const {
    LanguageModel: language,
    QueryProjector: projector,
    PointPrompter: prompter,
    MaskDecoder: decoder,
  } = stages;
  const assembler = stages.Assembler;
  return {
    ...stages,
    LanguageModel: standIn(language, {
      read: async (features, run, purpose) => noted(await language.read(features, run, purpose)),
    }),
    QueryProjector: standIn(projector, {
      project: async (states, run) => {
        const embeddings = await projector.project(states, run);
        rows.set(embeddings, states);
        return embeddings;
      },
    }),
    MaskDecoder: standIn(decoder, {
      decode: async (features, prompts, run) => {
        const suggestions: (PointSuggestion | undefined)[] = [];
        for (const prompt of prompts) {
          const origin = prompt.points === undefined ? originOf(prompt) : undefined;
          suggestions.push(
            origin && (await prompter.prompt({ query: origin.state, imageStates: origin.imageStates }, run)),
          );
        }
        const pointed = prompts.map((prompt, i) => ({ ...prompt, ...pointsFor(suggestions[i], features) }));
        const decoded = await decoder.decode(features, pointed, run);
        evidence.set(decoded, suggestions);
        return decoded;
      },
    }),
    ...(assembler === undefined
      ? {}
      : {
          Assembler: standIn(assembler, {
            assemble: (decoded, labels, run) => {
              const suggestions = evidence.get(decoded) ?? [];
              const shown = labels.map((label, i) => {
                const suggestion = suggestions[i];
                return suggestion === undefined || label.evidence?.points !== undefined
                  ? label
                  : { ...label, evidence: { ...label.evidence, ...suggestion } };
              });
              return assembler.assemble(decoded, shown, run);
            },
          }),
        }),
  };
}

/** A stage with some of its calls replaced; what else it has (widths, a cache key) is its own. */
function standIn<S extends object>(stage: S, calls: Partial<S>): S {
  // On an empty object: a proxy on a frozen stage would have to answer as the stage does.
  return new Proxy({} as S, {
    get: (_, key) => {
      if (key in calls) return calls[key as keyof S];
      const value: unknown = Reflect.get(stage, key, stage);
      return typeof value === 'function' ? (value.bind(stage) as unknown) : value;
    },
    has: (_, key) => Reflect.has(stage, key),
  });
}
