import { basename, join } from 'node:path';
import { MaskloomError, type Registry } from '@maskloom/core';
import {
  headlineFigures,
  openRunResults,
  protocolNamed,
  readPlan,
  subjectLabels,
  type OpenRun,
} from '@maskloom/eval';
import { isBelow, type StudioExample } from '@maskloom/studio';
import { planSchema } from './stored-shapes.js';
import { choiceOf } from './subject-choice.js';
import { unitQuestions } from './unit-questions.js';

/** Units of a run that are listed. */
const MOST = 200;

/** One subject asked by one protocol about one scene, and how it went. */
interface RankedUnit {
  readonly part: string;
  readonly protocol: string;
  readonly subject: number;
  readonly scene: number;
  /** The protocol's headline figure; -1 for a unit that failed. */
  readonly figure: number;
  readonly note: string;
}

/**
 * The units of a folder that `eval` or `ablate` wrote, those that failed first, then from the worst figure up; each with its
 * picture, what was asked and answered, and what is true. What the folder says is checked, and a picture is listed only when it
 * lies in one of the folders that were named.
 * @param roots - the folders that were named, links resolved
 * @param note - told of what was left out
 * @throws MaskloomError RUN_INVALID
 */
export async function evalUnits(
  folder: string,
  roots: readonly string[],
  registry: Registry,
  note: (message: string) => void,
): Promise<readonly StudioExample[]> {
  try {
    planSchema.parse(readPlan(folder));
    await using run = await openRunResults(folder);
    const labels = subjectLabels(run.plan);
    const examples: StudioExample[] = [];
    const outside = new Set<string>();
    for (const unit of rankedUnits(run)) {
      if (examples.length === MOST) break;
      const { part, scene, subject } = unit;
      const store = run.units.store(part);
      const picture = store && join(store.head.root, store.read(scene).image);
      if (store === undefined || picture === undefined) continue;
      if (!(await isBelow(picture, roots))) {
        outside.add(store.head.root);
        continue;
      }
      const by = labels[subject] ?? '';
      const system = choiceOf(run.plan.subjects[subject], registry);
      const told = unitQuestions(run, unit, by);
      examples.push({
        path: picture,
        name: `${basename(folder)}: ${run.units.nameOf(part, scene)}, ${by}: ${unit.note}`,
        asStored: async () => told.asStored,
        questions: async () => told.questions,
        ...(system === undefined ? {} : { system }),
      });
    }
    for (const root of outside)
      note(`pictures of ${folder} that lie in ${root} are left out: name that folder, too`);
    return examples;
  } catch (error) {
    if (MaskloomError.is(error)) throw error;
    throw new MaskloomError('RUN_INVALID', 'What the run has stored is not as a run writes it.', {
      where: folder,
      hint: 'Name a folder that `maskloom eval --out` or `maskloom ablate` wrote.',
      cause: error,
    });
  }
}

function rankedUnits(run: OpenRun): readonly RankedUnit[] {
  const found: RankedUnit[] = [];
  for (const { part, protocol, subjects } of run.plan.work) {
    const { headline } = protocolNamed(protocol);
    for (const subject of subjects) {
      const figures = headlineFigures(run, part, protocol, subject)?.byImage;
      for (let scene = 0; scene < (run.units.store(part)?.count ?? 0); scene++) {
        const about = { part, protocol, subject, scene };
        const units = run.units.ofScene(part, scene);
        const unit = units.find((one) => one.subject === subject && one.protocol === protocol);
        const figure = figures?.get(String(run.units.idOf(part, scene)));
        const failure = unit && run.results.failure(unit.key);
        if (failure !== undefined) found.push({ ...about, figure: -1, note: `failed, ${failure.code}` });
        else if (typeof figure === 'number')
          found.push({ ...about, figure, note: `${protocol} ${headline} ${figure.toFixed(2)}` });
      }
    }
  }
  return found.sort((a, b) => a.figure - b.figure);
}
