import { must, mustEqual, mustLieWithin } from '../expectations.js';
import { probe } from '../probe.js';

const NAMES = ['red cup', 'blue ring', 'grass'] as const;

/** Probe of the slot CategoryGenerator. */
export const categoryGeneratorProbe = probe('CategoryGenerator', {
  call: (stage, at, run) =>
    stage.name(
      {
        embeddings: at.tensor([2, at.sizes.hidden], 8),
        textEmbeddings: at.tensor([2, at.sizes.text], 9),
        features: at.tokens('vision'),
        candidates: NAMES,
      },
      run,
    ),
  check(named) {
    must(named.length === 2, `${named.length} names for two embeddings.`);
    for (const { name } of named) must(name.trim() !== '', 'A name is empty.');
    mustLieWithin(
      named.map(({ score }) => score),
      0,
      1,
      'score',
    );
  },
  extra: {
    'names nothing when there is nothing to name': async (stage, at, run) =>
      mustEqual(
        await stage.name(
          {
            embeddings: at.tensor([0, at.sizes.hidden], 8),
            textEmbeddings: at.tensor([0, at.sizes.text], 9),
            masks: { image: { width: at.image.width, height: at.image.height }, masks: [] },
            features: at.tokens('vision'),
            candidates: NAMES,
          },
          run,
        ),
        [],
        'the names of nothing',
      ),
  },
});

/** Probe of the slot PromptWriter. */
export const promptWriterProbe = probe('PromptWriter', {
  call: (stage, at, run) => stage.describe(at.keep([...NAMES]), run),
  check(described) {
    must(described.length === NAMES.length, `${described.length} descriptions for ${NAMES.length} names.`);
    described.forEach((sentences, i) => {
      must(
        sentences.length > 0 && sentences.every((sentence) => sentence.trim() !== ''),
        `'${NAMES[i]}' has no description.`,
      );
    });
  },
  extra: {
    'describes nothing when there is no name': async (stage, _at, run) =>
      mustEqual(await stage.describe([], run), [], 'the descriptions of no names'),
  },
});

const LABELS = ['cup', 'ring', 'grass'] as const;

/** Probe of the slot LabelMapper. */
export const labelMapperProbe = probe('LabelMapper', {
  call: (stage, at, run) => stage.map(at.keep([...NAMES, 'zzzz']), at.keep([...LABELS]), run),
  check(matches) {
    must(matches.length === 4, `${matches.length} matches for 4 names.`);
    for (const { label, score, how } of matches) {
      must(
        label === undefined || (LABELS as readonly string[]).includes(label),
        `'${label}' is not one of the labels.`,
      );
      must(Number.isFinite(score), `The score of '${label}' is ${score}.`);
      must(how !== '', 'A match does not say how it was made.');
    }
  },
  extra: {
    'maps nothing when there is no name': async (stage, _at, run) =>
      mustEqual(await stage.map([], LABELS, run), [], 'the matches of no names'),
    'gives an equal label as it is': async (stage, _at, run) => {
      const [match] = await stage.map(['ring'], LABELS, run);
      must(match?.label === 'ring', `'ring' was mapped to '${match?.label}' though the labels have it.`);
    },
  },
});
