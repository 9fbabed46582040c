/**
 * Runs an example: `node packages/examples/dist/run.js 01 FILE TEXT`.
 */
import * as examples from './index.js';

const [number = '', ...args] = process.argv.slice(2);
const [path = '', text = 'the largest thing'] = args;
const programs: Readonly<Record<string, () => Promise<unknown>>> = {
  '01': () => examples.segmentAnImage(path, text, args[2]),
  '02': () => examples.swapAStage(path, text),
  '03': () => examples.yourOwnStage(path, text),
  '04': () => examples.compareSystems(args.slice(0, -1), args.at(-1) ?? ''),
  '05': () => examples.saspOverAnySegSystem(path, text),
  '06': () => examples.cancelAndProgress(path, text, Number(args[2] ?? 1000)),
  '07': () => examples.hostContainer(path, text),
  '08': () => examples.yourOwnRecipe(path, Number(args[1] ?? 0), Number(args[2] ?? 0)),
  '09': () => examples.freeVocabulary(path),
  '10': () => examples.rosePatchesReadPoints(path),
  '11': () => examples.nameAnyMasks(path),
  '12': () => examples.yourOwnFusion(path, args.slice(1)),
  '13': () => examples.labelsForAnyMasks(path, [[Number(args[1] ?? 0), Number(args[2] ?? 0)]], args.slice(3)),
  '14': () => examples.refineAnySystem(path, text, args.slice(2)),
  '15': () => examples.yourOwnSlot(path, Number(args[1] ?? 0), Number(args[2] ?? 0)),
};

const program = programs[number];
if (program === undefined || path === '') {
  console.error(`Usage: node run.js ${Object.keys(programs).join('|')} FILE TEXT`);
  process.exitCode = 2;
} else await program();
