// `npm start [-- FILES... [--text TEXT] [--device DEVICE] [--out DIR]]`: sets everything up, then compares every
// recipe of the embedded bundle on generated scenes and on the files given, refines one result by conversation, and says
// where the reports are.
import { parseArgs } from 'node:util';
import { root, setUp } from './setup.mjs';

const usage = 'Usage: npm start [-- FILES... [--text TEXT] [--device DEVICE] [--out DIR]]';
const PHOTOGRAPHS = `The embedded models know generated scenes only. Published weights on a photograph, any list of names:
  npx maskloom hub pull Xenova/slimsam-77-uniform
  npx maskloom hub pull Xenova/clip-vit-base-patch16
  npx maskloom segment FILE --system sam/everything-named --labels "cat,sofa,lamp" \\
    --bundle hub:Xenova/slimsam-77-uniform --bundle hub:Xenova/clip-vit-base-patch16 --out out/photo`;
const { values, positionals } = readArguments();
await setUp();

// Only now: the packages may not have been there before.
const { describeFailure, exitCodeOf, processTerminal, runStart, showComparison } = await import('maskloom');
const interruption = new AbortController();
const terminal = processTerminal(interruption.signal);
process.on('SIGINT', () => {
  if (interruption.signal.aborted) process.exit(130);
  interruption.abort();
  setTimeout(() => process.exit(130), 600).unref();
});
try {
  const result = await runStart({
    out: values.out ?? `${root}out/report`,
    files: positionals,
    ...(values.text === undefined ? {} : { text: values.text }),
    ...(values.device === undefined ? {} : { device: values.device }),
    signal: interruption.signal,
    onWarning: (message) => terminal.note(`warning: ${message}`),
    onProgress: ({ done, total, path }) => terminal.progress(`${done}/${total} ${path}`),
  });
  showComparison(terminal, result);
  if (result.refinement !== undefined) terminal.out(`refinement by conversation: ${result.refinement}\n`);
  if (positionals.length > 0) terminal.note(PHOTOGRAPHS);
  process.exitCode = result.failures.length === 0 ? 0 : 1;
} catch (error) {
  terminal.note(
    interruption.signal.aborted ? 'interrupted; nothing was written' : `maskloom: ${describeFailure(error)}`,
  );
  process.exitCode = interruption.signal.aborted ? 130 : exitCodeOf(error);
}

function readArguments() {
  try {
    const options = { text: { type: 'string' }, device: { type: 'string' }, out: { type: 'string' } };
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    return process.exit(2);
  }
}
