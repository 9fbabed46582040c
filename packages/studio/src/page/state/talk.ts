import { batch } from '@preact/signals';
import { bodyOf, changeColumns } from './ask.js';
import type { AnswerScore, Column, ConversationRecord, Rectangle, ResultView } from './model.js';
import { tell, type Studio } from './studio.js';

/** What is said about a result. */
export interface Saying {
  readonly say: string;
  readonly box?: Rectangle | undefined;
  readonly refiner: string;
}

interface Heard {
  readonly slot: string;
  readonly ahead: number;
  readonly text: string;
  readonly code: string;
  readonly message: string;
  readonly view: ResultView;
  readonly score?: AnswerScore;
  readonly classes: readonly string[];
  readonly record: ConversationRecord;
}

/** Says what is wrong with a result of the question that is shown. */
export async function say(
  studio: Studio,
  place: number,
  { say: words, box, refiner }: Saying,
): Promise<void> {
  const at = studio.shown.value;
  const asked = studio.history.value[at];
  const column = asked?.columns[place];
  if (asked === undefined || column?.record === undefined) return;
  const stop = new AbortController();
  studio.running.value?.abort();
  studio.running.value = stop;
  const change = (made: (column: Column) => Column): void =>
    changeColumns(studio, at, (one, i) => (i === place ? made(one) : one));
  const note = (state: 'running' | 'failed', text: string): void =>
    change((one) => ({ ...one, progress: { state, note: text, text: '' } }));
  const body = {
    picture: asked.picture.id,
    system: column.choice,
    record: column.record,
    say: words,
    refiner,
    classes: studio.classes.value,
    ...(box === undefined ? {} : { box }),
    ...(asked.own && { about: asked.own.at, question: bodyOf(asked.question, asked.picture.size) }),
  };
  await tell(studio, () =>
    studio.api.stream('/api/turns', body, stop.signal, (event, data) => {
      const heard = data as Heard;
      if (event === 'queued') note('running', `waits for ${heard.ahead}`);
      if (event === 'stage') note('running', heard.slot);
      if (event === 'failed') note('failed', `${heard.code}: ${heard.message}`);
      if (event === 'result')
        batch(() => {
          studio.classes.value = heard.classes;
          change((one) => turned(one, heard));
        });
    }),
  );
  batch(() => {
    if (studio.running.value === stop) studio.running.value = undefined;
    change((one) =>
      one.progress.state === 'running' ? { ...one, progress: { state: 'done', note: '', text: '' } } : one,
    );
  });
}

/** A column after a turn: those that it undid stay, to be done again. */
function turned(column: Column, { record, view, score }: Heard): Column {
  const [before, now] = [column.record?.steps.length ?? 0, record.steps.length];
  const end = now + record.undone.length;
  /** What stands at the turn's place is replaced, unless the turn took one back. */
  const placed = <T>(all: readonly T[], one: T): readonly T[] =>
    (now < before ? all : [...all.slice(0, now - 1), one, ...all.slice(now)]).slice(0, end);
  return {
    ...column,
    progress: { state: 'done', note: '', text: '' },
    views: placed(column.views, view),
    scores: placed(column.scores, score),
    record,
  };
}

/** Goes on with a saved conversation in a column. */
export async function load(studio: Studio, place: number, record: unknown): Promise<void> {
  const at = studio.shown.value;
  const asked = studio.history.value[at];
  const column = asked?.columns[place];
  if (asked === undefined || column === undefined) return;
  await tell(studio, async () => {
    const body = { picture: asked.picture.id, system: column.choice, record, classes: studio.classes.value };
    const opened = await studio.api.send<{
      readonly record: ConversationRecord;
      readonly views: readonly ResultView[];
      readonly classes: readonly string[];
    }>('POST', '/api/conversations', body);
    batch(() => {
      studio.classes.value = opened.classes;
      changeColumns(studio, at, (one, i) =>
        i === place
          ? {
              ...one,
              record: { ...opened.record, undone: [] },
              views: opened.views,
              scores: [],
              progress: { state: 'done', note: '', text: '' },
            }
          : one,
      );
    });
  });
}
