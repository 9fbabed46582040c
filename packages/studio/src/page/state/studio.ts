import { createSettings, type SettingsStore } from '@maskloom/report/viewer';
import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { ApiError, createApi, type Api } from './api.js';
import type {
  Asked,
  Devices,
  OpenPicture,
  OwnQuestions,
  PictureEntry,
  Question,
  StudioFacts,
  SystemChoice,
  SystemEntry,
} from './model.js';
import type { ToolName } from './tools.js';
import { loadPicture } from './load-picture.js';
import { readOwnQuestions } from './own-questions.js';

/** Everything that the page shows, and where it comes from. */
export interface Studio {
  readonly api: Api;
  /** What the viewer shows. */
  readonly settings: SettingsStore;
  readonly pictures: Signal<readonly PictureEntry[]>;
  readonly picture: Signal<OpenPicture | undefined>;
  readonly systems: Signal<readonly SystemEntry[]>;
  /** The systems that are asked. */
  readonly chosen: Signal<readonly SystemChoice[]>;
  readonly question: Signal<Question>;
  /** What comes with the picture that is shown. */
  readonly own: Signal<OwnQuestions | undefined>;
  /** Questions that were asked; the page shows one of them. */
  readonly history: Signal<readonly Asked[]>;
  readonly shown: Signal<number>;
  readonly current: ReadonlySignal<Asked | undefined>;
  /** Stops what runs. */
  readonly running: Signal<AbortController | undefined>;
  /** Classes that have a colour, in their order. */
  readonly classes: Signal<readonly string[]>;
  readonly tool: Signal<ToolName>;
  readonly facts: Signal<StudioFacts | undefined>;
  /** Where systems can run; not tried before somebody wants to know. */
  readonly devices: Signal<Devices | undefined>;
  /** What went wrong or was done, for everybody to read. */
  readonly notice: Signal<string>;
}

/** Nothing is asked yet. */
export const NO_QUESTION: Question = { text: '', labels: [], points: [], boxes: [], strokes: [] };

/** The page's state, filled from the server. */
export function openStudio(): Studio {
  const history = signal<readonly Asked[]>([]);
  const shown = signal(-1);
  const studio: Studio = {
    api: createApi(),
    settings: createSettings(),
    pictures: signal([]),
    picture: signal(undefined),
    systems: signal([]),
    chosen: signal([]),
    question: signal(NO_QUESTION),
    own: signal(undefined),
    history,
    shown,
    current: computed(() => history.value[shown.value]),
    running: signal(undefined),
    classes: signal([]),
    tool: signal('hand'),
    facts: signal(undefined),
    devices: signal(undefined),
    notice: signal(''),
  };
  void tell(studio, async () => {
    const [facts, systems, pictures] = await Promise.all([
      studio.api.get<StudioFacts>('/api/studio'),
      studio.api.get<readonly SystemEntry[]>('/api/systems'),
      studio.api.get<readonly PictureEntry[]>('/api/pictures'),
    ]);
    batch(() => {
      studio.facts.value = facts;
      studio.systems.value = systems;
      studio.pictures.value = pictures;
      studio.chosen.value = firstOfEach(systems).map((recipe) => ({ recipe, stages: {} }));
    });
    const [first] = pictures;
    if (first !== undefined) await showPicture(studio, first);
  });
  // Open as long as the page: when it ends, what this tab brought is removed.
  void studio.api
    .stream('/api/presence', {}, new AbortController().signal, () => undefined)
    .catch(() => {
      studio.notice.value = 'The studio has ended.';
    });
  effect(() => {
    const name = studio.picture.value?.name;
    document.title = name === undefined ? 'Maskloom studio' : `${name} · Maskloom studio`;
  });
  return studio;
}

/** Shows a picture; what was pointed at on another one is forgotten. */
export async function showPicture(studio: Studio, entry: PictureEntry): Promise<void> {
  const picture = await loadPicture(studio.api, entry);
  batch(() => {
    studio.picture.value = picture;
    studio.own.value = undefined;
    studio.question.value = { ...studio.question.value, points: [], boxes: [], strokes: [] };
    studio.shown.value = -1;
  });
  await readOwnQuestions(studio, picture);
}

/** Does something, and shows what went wrong. */
export async function tell(studio: Studio, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    studio.notice.value = error instanceof ApiError ? `${error.code}: ${error.message}` : String(error);
  }
}

/** The default recipes that can be asked by a phrase or by names of classes, one a system. */
function firstOfEach(systems: readonly SystemEntry[]): readonly string[] {
  const systemOf = (id: string): string => id.split('/')[0] ?? '';
  return systems
    .filter(({ id }, i) => systems.findIndex((other) => systemOf(other.id) === systemOf(id)) === i)
    .filter(({ tasks }) => tasks.includes('referring') || tasks.includes('semantic'))
    .slice(0, 4)
    .map(({ id }) => id);
}
