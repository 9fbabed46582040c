// A run of toy recipes: an image is a number.
const ablation = (subjects) => ({
  id: 'toy/table',
  title: 'Toys',
  data: { synthetic: { toys: { seed: 0, count: 1 } }, real: {} },
  rows: Array.from({ length: subjects }, (_, i) => ({ label: `toy ${i}`, recipe: `toy/${i}` })),
  columns: ['gIoU', 'cIoU'].map((kind) => ({
    label: kind,
    synthetic: { part: 'toys', protocol: 'reasoning', figure: `${kind} all` },
  })),
});

const switches = {
  emptyUnionIsOne: true,
  referenceEpsilons: false,
  summedPolygons: false,
  firstTextOnly: true,
  answers: 'generated',
};

export function toyRun({ folder, scenes, subjects = 4, ...more }) {
  const head = { root: folder, categories: [], source: { format: 'toy' } };
  return {
    folder,
    plan: {
      schema: 'maskloom.run/1',
      command: `toy --count ${scenes}`,
      device: 'cpu',
      bundles: [],
      switches,
      world: 'synthetic',
      subjects: Array.from({ length: subjects }, (_, i) => ({ recipe: `toy/${i}`, overrides: {} })),
      parts: [{ name: 'toys', source: head.source }],
      work: [
        { part: 'toys', protocol: 'reasoning', subjects: Array.from({ length: subjects }, (_, i) => i) },
      ],
      tables: [ablation(subjects)],
    },
    partIdentity: () => ({ scenes }),
    openPart: async () => ({ head, scenes: toyScenes(scenes) }),
    worker: new URL('./worker.mjs', import.meta.url),
    workers: 1,
    signal: new AbortController().signal,
    ...more,
  };
}

async function* toyScenes(count) {
  for (let id = 0; id < count; id++)
    yield {
      id,
      image: `${id}.png`,
      width: 8,
      height: 8,
      segments: [],
      questions: [{ texts: [`question ${id}`], isSentence: false }],
    };
}
