import type { LanguagePrompt } from '../../slots/language-model.js';
import type { SlotStages } from '../../slots/slot-stages.js';
import { float, type Sample } from './sample.test-helper.js';

export const projector: Sample<'QueryProjector'> = {
  make: () => ({
    async project(states) {
      const rows = await Promise.all(states.map((state) => state.read()));
      return float([states.length, 1, 8], Float32Array.from(rows.flatMap((row) => [...row])));
    },
  }),
  spoils: {
    'projects each state by itself': (good) => ({
      ...good,
      project: async (states, run) => {
        const tensor = await good.project(states, run);
        return float(
          tensor.dims,
          (await tensor.read()).map((value) => value * states.length),
        );
      },
    }),
    'keeps its contract on a square image': (good) => ({
      ...good,
      project: async (states, run) =>
        float([8 * states.length], await (await good.project(states, run)).read()),
    }),
  },
};

export const language: Sample<'LanguageModel'> = {
  make: () => ({
    hiddenWidth: 8,
    read: async (features) => ({
      imageStates: { ...features, space: 'llava-tokens' },
      answer: async ({ text, watch, maxNewTokens = 9 }) => {
        const tokenIds = [...text].map((letter) => letter.charCodeAt(0)).slice(0, maxNewTokens);
        const emitted = watch.map((token) => ({
          token,
          index: 0,
          state: float([1, 8], new Float32Array(8)),
          textBefore: '',
        }));
        return { text, tokenIds, emitted, truncated: true };
      },
    }),
  }),
  spoils: {
    'answers in one token when asked to': (good) =>
      spoilAnswer(good, (prompt) => ({ ...prompt, maxNewTokens: Math.max(2, prompt.maxNewTokens ?? 2) })),
    'answers a second prompt as if it were the first': (good) => ({
      ...good,
      read: async (features, run) => {
        const session = await good.read(features, run);
        let before = '';
        return {
          ...session,
          answer: (prompt, within) => {
            const text = before + prompt.text;
            before = 'and ';
            return session.answer({ ...prompt, text }, within);
          },
        };
      },
    }),
    'keeps its contract on a square image': (good) => ({ ...good, hiddenWidth: 9 }),
  },
};

function spoilAnswer(
  good: SlotStages['LanguageModel'],
  change: (prompt: LanguagePrompt) => LanguagePrompt,
): SlotStages['LanguageModel'] {
  return {
    ...good,
    read: async (features, run) => {
      const session = await good.read(features, run);
      return { ...session, answer: (prompt, within) => session.answer(change(prompt), within) };
    },
  };
}

export const analyzer: Sample<'PatchAnalyzer'> = {
  make: () => ({
    analyze: async ({ rows, columns }) => ({
      rows,
      columns,
      objectness: new Float32Array(rows * columns).fill(0.5),
      maskEmbeddings: float([rows * columns, 8], new Float32Array(rows * columns * 8)),
      categoryEmbeddings: float([rows * columns, 8], new Float32Array(rows * columns * 8)),
    }),
  }),
  spoils: {
    'keeps its contract on a square image': (good) => ({
      ...good,
      analyze: async (states, run) => ({
        ...(await good.analyze(states, run)),
        objectness: new Float32Array(16).fill(2),
      }),
    }),
  },
};

export const generator: Sample<'CategoryGenerator'> = {
  make: () => ({
    name: async ({ embeddings, candidates }) =>
      Array.from({ length: embeddings?.dims[0] ?? 0 }, (_, i) => ({
        name: candidates?.[i] ?? 'thing',
        score: 1,
      })),
  }),
  spoils: {
    'keeps its contract on a square image': (good) => ({
      ...good,
      name: async (query, run) => (await good.name(query, run)).slice(1),
    }),
  },
};

export const writer: Sample<'PromptWriter'> = {
  make: () => ({ describe: async (names) => names.map((name) => [`a photo of a ${name}`]) }),
  spoils: {
    'keeps its contract on a square image': (good) => ({
      ...good,
      describe: async (names) => names.map(() => []),
    }),
    'describes nothing when there is no name': (good) => ({
      ...good,
      describe: async (names, run) => [...(await good.describe(names, run)), ['more']],
    }),
  },
};

export const mapper: Sample<'LabelMapper'> = {
  make: () => ({
    map: async (names, labels) =>
      names.map((name) => ({ label: labels.find((label) => name.endsWith(label)), score: 1, how: 'suffix' })),
  }),
  spoils: {
    'keeps its contract on a square image': (good) => ({
      ...good,
      map: async (names) => names.map((name) => ({ label: name, score: 1, how: 'made up' })),
    }),
    'gives an equal label as it is': (good) => ({
      ...good,
      map: async (names) => names.map(() => ({ label: undefined, score: 0, how: 'none' })),
    }),
  },
};
