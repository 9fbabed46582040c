import { MaskloomError } from '@maskloom/masks';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Prediction, SegmentRequest } from '../domain/prediction.js';
import type { ConverseOptions, Pipeline } from '../pipeline/pipeline.js';
import type { SegmentOptions } from '../pipeline/segment-options.js';
import type { Conversation, ConversationStep, InstructionHints } from './conversation.js';
import { checkInstruction } from './check-instruction.js';
import { recordOf, stepsOf } from './record.js';
import type { ConversationRecord } from './saved.js';
import { editPrediction } from './edit-prediction.js';
import { isEdit, isHistory, type ResolvedInstruction } from './instruction.js';
import { resolveTurn } from './resolve-instruction.js';

/** The conversation of a pipeline about an image. */
export class Dialogue implements Conversation {
  readonly image: ImageFrame;
  readonly #pipeline: Pipeline;
  readonly #refiner: Pipeline | undefined;
  #done: readonly ConversationStep[] = [];
  #undone: readonly ConversationStep[] = [];
  #busy = false;

  /** @throws MaskloomError DATA_INVALID when `from` is not such a record, VALUE_INVALID when it is of another image */
  constructor(pipeline: Pipeline, image: ImageFrame, { refiner, from }: ConverseOptions) {
    this.image = image;
    this.#pipeline = pipeline;
    this.#refiner = refiner ?? (pipeline.recipe.stages.Refiner === undefined ? undefined : pipeline);
    if (from !== undefined) [this.#done, this.#undone] = stepsOf(from, image);
  }

  get steps(): readonly ConversationStep[] {
    return this.#done;
  }

  get undone(): readonly ConversationStep[] {
    return this.#undone;
  }

  get prediction(): Prediction | undefined {
    return this.#done.at(-1)?.prediction;
  }

  async ask(request: SegmentRequest, options: SegmentOptions = {}): Promise<Prediction> {
    return this.#turn(async () => ({
      kind: 'ask',
      request,
      prediction: await this.#pipeline.segment(this.image, request, options),
    }));
  }

  adopt(prediction: Prediction): Prediction {
    this.#checkIdle();
    checkInstruction(this.image, prediction, { say: 'adopt' });
    this.#add({ kind: 'adopt', prediction });
    return prediction;
  }

  async say(words: string, hints: InstructionHints = {}, options: SegmentOptions = {}): Promise<Prediction> {
    this.#checkIdle();
    const before = this.prediction ?? this.#nothing();
    checkInstruction(this.image, before, { ...hints, say: words });
    const instruction = resolveTurn(before, { ...hints, say: words });
    if (isHistory(instruction)) {
      this[instruction.situation]();
      return this.prediction ?? this.#nothing();
    }
    return this.#turn(async () => ({
      kind: 'say',
      instruction,
      prediction: isEdit(instruction)
        ? editPrediction(before, instruction)
        : await this.#refined(before, instruction, options),
    }));
  }

  undo(): ConversationStep {
    this.#checkIdle();
    const at = this.#done.findLastIndex((step) => !changesNothing(step));
    const step = this.#done[at];
    if (step === undefined) throw nothingTo('undo');
    this.#undone = [...this.#done.slice(at), ...this.#undone];
    this.#done = this.#done.slice(0, at);
    return step;
  }

  redo(): ConversationStep {
    this.#checkIdle();
    const [step, ...rest] = this.#undone;
    if (step === undefined) throw nothingTo('redo');
    const next = rest.findIndex((one) => !changesNothing(one));
    const quiet = next < 0 ? rest : rest.slice(0, next);
    this.#done = [...this.#done, step, ...quiet];
    this.#undone = rest.slice(quiet.length);
    return step;
  }

  save(): ConversationRecord {
    return recordOf(this.image, this.#done, this.#undone);
  }

  #refined(
    before: Prediction,
    instruction: ResolvedInstruction,
    options: SegmentOptions,
  ): Promise<Prediction> {
    if (this.#refiner !== undefined) return this.#refiner.refine(this.image, before, instruction, options);
    throw new MaskloomError('STAGE_MISMATCH', `${this.#pipeline.id} has no refiner.`, {
      where: 'converse',
      hint: 'Give one: pipeline.converse(image, { refiner }), with a pipeline of e.g. refine/concat.',
    });
  }

  async #turn(work: () => Promise<ConversationStep>): Promise<Prediction> {
    this.#checkIdle();
    this.#busy = true;
    try {
      const step = await work();
      this.#add(step);
      return step.prediction;
    } finally {
      this.#busy = false;
    }
  }

  #add(step: ConversationStep): void {
    this.#done = [...this.#done, Object.freeze(step)];
    this.#undone = [];
  }

  /** What is known before anything was asked. */
  #nothing(): Prediction {
    const { system, name } = this.#pipeline.recipe;
    const request: SegmentRequest = { task: 'prompted' };
    return { system, recipe: name, request, answer: '', segments: [], stages: [], warnings: [] };
  }

  #checkIdle(): void {
    if (!this.#busy) return;
    throw new MaskloomError('VALUE_INVALID', 'A turn of this conversation is still running.', {
      where: 'conversation',
      hint: 'Await it before the next.',
    });
  }
}

/** A turn that only said that all is well. */
function changesNothing({ instruction }: ConversationStep): boolean {
  return instruction?.situation === 'keep';
}

function nothingTo(what: 'undo' | 'redo'): MaskloomError {
  return new MaskloomError('VALUE_INVALID', `There is nothing to ${what}.`, {
    where: 'conversation',
    hint: what === 'undo' ? 'Look at steps first.' : 'Look at undone first.',
  });
}
