import { join } from 'node:path';
import {
  createFeatureCache,
  MaskloomError,
  type FeatureCache,
  type ImageFrame,
  type Pipeline,
} from '@maskloom/core';
import { loadImage } from '@maskloom/runtime';
import type { Json } from '../ledger/line.js';
import { askMapper } from '../protocols/mapper-recipe.js';
import { protocolNamed } from '../protocols/protocols.js';
import type { Helper } from '../protocols/protocol.js';
import type { PlannedUnit, Subject, WorkerPlan } from './run-plan.js';
import type { EvalScene } from './scenes/scene.js';
import type { UnitWorker } from './serve-units.js';
import { stageTimes } from './stage-times.js';

/** Builds the pipelines of a worker, all on one source of models per bundle so that they share encoders. */
export interface PipelineMaker {
  /**
   * The pipeline of a subject.
   * @param forced - put the trained answer in its mouth
   */
  subject(subject: Subject, forced: boolean): Promise<Pipeline>;
  /** The pipeline that refines a subject's predictions. */
  refiner(subject: Subject): Promise<Pipeline>;
  /** The pipeline of a subject's label mapper: see `mapperRecipe`. */
  mapper(subject: Subject): Promise<Pipeline>;
  /** A pipeline that a protocol needs beside it; nothing where there is no such. */
  helper(helper: Helper, subject: Subject, forced: boolean): Promise<Pipeline | undefined>;
}

interface OpenScene {
  readonly scene: EvalScene;
  readonly frame: Promise<ImageFrame>;
  readonly cache: FeatureCache;
}

/**
 * The worker of evaluation runs: opens each image once for all recipes and protocols, shares the encoders' features
 * between them, builds each pipeline when it is first needed and keeps it.
 */
export function pipelineWorker(plan: WorkerPlan, make: PipelineMaker): UnitWorker {
  const pipelines = new Map<string, Promise<Pipeline | undefined>>();
  let open: OpenScene | undefined;

  const built = <T extends Pipeline | undefined>(key: string, build: () => Promise<T>): Promise<T> => {
    const found = (pipelines.get(key) as Promise<T> | undefined) ?? build();
    pipelines.set(key, found);
    return found;
  };
  const openScene = (scene: EvalScene, root: string): OpenScene => {
    if (open?.scene === scene) return open;
    open?.cache.dispose();
    const frame = loadChecked(scene, join(root, scene.image), plan.maxPixels);
    // Awaited by the first unit; a failure until then must not end the process.
    frame.catch(() => undefined);
    open = { scene, frame, cache: createFeatureCache({ maxImages: 1 }) };
    return open;
  };

  return {
    async run(givenScene: Json, givenUnit: Json): Promise<Json> {
      const scene = givenScene as unknown as EvalScene;
      const unit = givenUnit as unknown as PlannedUnit;
      const subject = plan.subjects[unit.subject];
      const head = plan.heads[unit.part];
      if (subject === undefined || head === undefined)
        throw new MaskloomError('INTERNAL', `There is no subject ${unit.subject} or no part ${unit.part}.`);
      const protocol = protocolNamed(unit.protocol);
      const { frame, cache } = openScene(scene, head.root);
      const image = await frame;
      const forced = protocol.canForce === true && plan.switches.answers === 'teacher-forced';
      const pipeline = await built(`${unit.subject} ${forced}`, () => make.subject(subject, forced));
      const helpers: Record<string, Pipeline> = {};
      for (const [name, helper] of Object.entries(protocol.helpers ?? {})) {
        const key = `${name} ${helper.recipe ?? unit.subject} ${forced}`;
        const found = built(key, () => make.helper(helper, subject, forced));
        const fit = await (helper.optional === true ? unlessUnfit(found) : found);
        if (fit !== undefined) helpers[name] = fit;
      }
      const { refine, mapper } = subject.overrides;
      const naming =
        mapper === undefined || protocol.freeNames !== true
          ? undefined
          : await built(`mapper ${unit.subject}`, () => make.mapper(subject));
      const refiner =
        refine === undefined
          ? undefined
          : {
              pipeline: await built(`refine ${JSON.stringify([refine.by, refine.stages])}`, () =>
                make.refiner(subject),
              ),
              chosenBy: refine.chosenBy,
            };
      const start = performance.now();
      using stages = stageTimes([pipeline, ...(refiner === undefined ? [] : [refiner.pipeline])]);
      const result = await protocol.ask({
        pipeline,
        ...(refiner === undefined ? {} : { refiner }),
        ...(naming === undefined
          ? {}
          : { mapper: (names, classes) => askMapper(naming, { frame: image, cache }, names, classes) }),
        helpers,
        frame: image,
        scene,
        head,
        switches: plan.switches,
        cache,
        concurrency: plan.concurrency,
      });
      return {
        image: image.sha256,
        ms: Math.round(performance.now() - start),
        devices: [...new Set(pipeline.describe().stages.map(({ device }) => device))],
        stages: stages.ms,
        ...result,
      } as unknown as Json;
    },
  };
}

async function unlessUnfit(pipeline: Promise<Pipeline | undefined>): Promise<Pipeline | undefined> {
  try {
    return await pipeline;
  } catch (error) {
    if (error instanceof MaskloomError && error.code === 'STAGE_MISMATCH') return undefined;
    throw error;
  }
}

async function loadChecked(
  scene: EvalScene,
  path: string,
  maxPixels: number | undefined,
): Promise<ImageFrame> {
  const frame = await loadImage(path, {
    asStored: scene.drawn === 'stored',
    ...(maxPixels === undefined ? {} : { maxPixels }),
  });
  if (frame.width === scene.width && frame.height === scene.height) return frame;
  throw new MaskloomError(
    'DATA_INVALID',
    `The image is ${frame.width} x ${frame.height}, its record says ${scene.width} x ${scene.height}.`,
    { where: path, hint: 'Check the data set: maskloom data check DIR.' },
  );
}
