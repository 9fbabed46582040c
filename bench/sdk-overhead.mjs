// What the SDK costs over bare ONNX Runtime sessions that make the same model calls on the same values: wall and CPU.
// `node bench/sdk-overhead.mjs [SYSTEM] [ROUNDS]` measures by itself; SYSTEM is a beginning of a name.
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { folderBundle, openBundle } from '@maskloom/runtime';
import { programByHand } from './lib/by-hand.mjs';
import { costInTurns, ms, ratio } from './lib/measure.mjs';
import { bareSessions, recording } from './lib/record.mjs';
import { image, openModels } from './lib/stage.mjs';
import { bareThread } from './lib/thread.mjs';
import { SYSTEMS } from './lib/systems.mjs';

/** Rounds before the first that counts; each side runs twice in a round. */
const WARM_UP = 40;

/** @returns rows of the report */
export async function measure({ rounds, quick = false, only = '' }) {
  const models = openModels();
  const bundle = await openBundle(folderBundle(bundleDirectory));
  const rows = [];
  for (const system of SYSTEMS.filter(({ name }) => name.startsWith(only)))
    rows.push(await overBare(system, models, bundle, rounds, quick));
  await models.dispose();
  return rows;
}

/** A first run of the system is recorded: every model call with its values. Those are what the bare side plays. */
async function overBare(system, models, bundle, rounds, quick) {
  const { name, recipe, builder, request, kept = [], goal } = system;
  const sample = image();
  const calls = [];
  const recorder = await builder().on(recording(models, calls)).build();
  await recorder.segment(sample, request);
  await recorder.dispose();
  const played = calls.filter(({ role }) => !kept.includes(role));
  const bare = await bareSessions(played, (role) => bundle.model(recipe, role).path, 1);
  const thread = await bareThread(played, (role) => bundle.model(recipe, role).path, 1);
  const preset = (group) => bundle.preset(recipe, group);
  const hand =
    system.byHand && (await programByHand(played, (role) => bundle.model(recipe, role).path, preset));
  const pipeline = await builder().on(models).build();
  const { sdk, least, hops, program } = await costInTurns(
    {
      sdk: () => pipeline.segment(sample, request),
      least: () => bare.play(),
      hops: () => thread.play(),
      ...(hand && { program: () => hand.segment(sample) }),
    },
    rounds,
    // A pipeline is measured once V8 has compiled it for good: after thirty pictures READ is still a twentieth dearer than after eighty.
    quick ? rounds : Math.max(rounds, WARM_UP),
    // The bare calls leave buffers behind that V8 collects a while later, in whatever runs then: up to a tenth of a picture.
    1,
  );
  await hand?.close();
  await thread.close();
  await bare.close();
  await pipeline.dispose();
  const wall = sdk.wall / least.wall;
  return {
    key: `sdk-overhead/${name}`,
    cost: sdk.least / least.least,
    name: `${name} over its ${played.length} bare model calls, wall`,
    value: ratio(wall),
    aim: `<= ${goal}`,
    good: wall <= goal,
    detail: `${ms(sdk.wall)} against ${ms(least.wall)}; CPU ${ratio(sdk.cpu / least.cpu)}: ${ms(sdk.cpu)} against ${ms(least.cpu)}; the bare calls in a thread of their own ${ratio(hops.wall / least.wall)}${program ? `, a program written by hand ${ratio(program.wall / least.wall)}` : ''}`,
  };
}

if (process.argv[1] === import.meta.filename)
  console.table(await measure({ only: process.argv[2], rounds: Number(process.argv[3] ?? 40) }));
