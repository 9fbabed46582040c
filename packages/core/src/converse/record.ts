import { MaskloomError, runsOfRle } from '@maskloom/masks';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Prediction, Segment } from '../domain/prediction.js';
import type { ConversationStep } from './conversation.js';
import { recordSchema } from './record-schema.js';
import { CONVERSATION_SCHEMA, type ConversationRecord, type SavedRequest, type SavedStep } from './saved.js';

/**
 * A conversation as a JSON value: lists for typed arrays, without the points and maps that led to a prediction.
 * @throws MaskloomError DATA_INVALID when a prediction holds what JSON does not keep, as a score that is no number
 */
export function recordOf(
  { sha256, width, height }: ImageFrame,
  steps: readonly ConversationStep[],
  undone: readonly ConversationStep[],
): ConversationRecord {
  const record = {
    schema: CONVERSATION_SCHEMA,
    image: { sha256, width, height },
    steps: steps.map(written),
    undone: undone.map(written),
  };
  return checked(JSON.parse(JSON.stringify(record)), 'saved');
}

/**
 * The turns of a saved conversation: done and undone.
 * @throws MaskloomError DATA_INVALID naming the field, VALUE_INVALID when it is of another image
 */
export function stepsOf(
  saved: unknown,
  image: ImageFrame,
): [done: readonly ConversationStep[], undone: readonly ConversationStep[]] {
  const { image: of, steps, undone } = checked(withoutEvidence(saved), 'read');
  if (of.sha256 !== image.sha256 || of.width !== image.width || of.height !== image.height) {
    throw new MaskloomError('VALUE_INVALID', 'The saved conversation is about another image.', {
      where: 'conversation.image',
      hint: `It is about the one with SHA-256 ${of.sha256.slice(0, 12)}.`,
    });
  }
  const read = (part: string) => (one: SavedStep, i: number) => live(one, image, `${part}[${i}]`);
  return [steps.map(read('conversation.steps')), undone.map(read('conversation.undone'))];
}

function checked(value: unknown, what: 'saved' | 'read'): ConversationRecord {
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(issue?.message ?? 'malformed', `conversation.${issue?.path.join('.') ?? ''}`, what);
}

function written({ prediction, request, ...step }: ConversationStep): unknown {
  const { evidence: _, ...kept } = prediction;
  return {
    ...step,
    ...(request === undefined ? {} : { request: plainRequest(request) }),
    prediction: {
      ...kept,
      request: plainRequest(prediction.request),
      segments: prediction.segments.map(({ evidence: __, ...segment }) => segment),
    },
  };
}

/** Records of the first releases kept what led to a prediction as a whole, in a form that nothing reads. */
function withoutEvidence(saved: unknown): unknown {
  const drop = (key: string, value: unknown): unknown => (key === 'evidence' ? undefined : value);
  return typeof saved === 'object' && saved !== null ? JSON.parse(JSON.stringify(saved, drop)) : saved;
}

/** Typed arrays as lists, the frame of points left to the format. */
function plainRequest(request: Prediction['request']): unknown {
  return {
    ...request,
    prompts: request.prompts?.map(({ points: given, ...prompt }) => ({
      ...prompt,
      ...(given === undefined ? {} : { points: { xy: [...given.xy], labels: [...given.labels] } }),
    })),
  };
}

function live(saved: SavedStep, image: ImageFrame, where: string): ConversationStep {
  for (const [i, { mask }] of saved.prediction.segments.entries()) {
    const at = `${where}.prediction.segments[${i}].mask`;
    if (mask.size[0] !== image.height || mask.size[1] !== image.width) throw invalid('has another size', at);
    runsOfRle(mask, at);
  }
  const requestOf = (given: SavedRequest): unknown => ({
    ...given,
    ...(given.prompts === undefined
      ? {}
      : {
          prompts: given.prompts.map(({ points: xy, ...rest }) => ({
            ...rest,
            ...(xy === undefined
              ? {}
              : {
                  points: {
                    frame: 'ImagePx',
                    xy: Float32Array.from(xy.xy),
                    labels: Int8Array.from(xy.labels),
                  },
                }),
          })),
        }),
  });
  return Object.freeze({
    ...saved,
    ...(saved.request === undefined ? {} : { request: requestOf(saved.request) }),
    prediction: { ...saved.prediction, request: requestOf(saved.prediction.request) },
  }) as ConversationStep & { prediction: { segments: Segment[] } };
}

function invalid(what: string, where: string, doing: 'saved' | 'read' = 'read'): MaskloomError {
  return new MaskloomError('DATA_INVALID', `A conversation cannot be ${doing}: ${what}.`, {
    where,
    hint:
      doing === 'read'
        ? 'Give what save() returned.'
        : 'Mend the stage that gave it: see the conformance guide.',
  });
}
