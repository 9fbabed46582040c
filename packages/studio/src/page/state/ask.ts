import { batch } from '@preact/signals';
import type {
  AnswerScore,
  Ask,
  Asked,
  Column,
  ConversationRecord,
  Progress,
  Question,
  ResultView,
} from './model.js';
import { maskOfStrokes } from './strokes.js';
import { tell, type Studio } from './studio.js';

interface Heard {
  readonly place: number;
  readonly ahead: number;
  readonly slot: string;
  readonly note?: string;
  readonly fraction: number;
  readonly text: string;
  readonly code: string;
  readonly message: string;
  readonly view: ResultView;
  readonly score?: AnswerScore;
  readonly classes: readonly string[];
  readonly ignores: readonly string[];
  readonly record: ConversationRecord;
}

/** A question that nobody works on yet. */
const WAITING: Progress = { state: 'waiting', note: 'waits', text: '' };

/** Asks the chosen systems; their answers appear as they come. */
export async function ask(studio: Studio): Promise<void> {
  const picture = studio.picture.value;
  const chosen = studio.chosen.value;
  if (picture === undefined || chosen.length === 0) return;
  studio.running.value?.abort();
  const stop = new AbortController();
  const question = studio.question.value;
  const asked: Asked = {
    picture,
    question,
    own: studio.own.value,
    columns: chosen.map((choice) => ({ choice, progress: WAITING, views: [], scores: [], ignores: [] })),
  };
  const at = studio.history.value.length;
  batch(() => {
    studio.history.value = [...studio.history.value, asked];
    studio.shown.value = at;
    studio.running.value = stop;
    studio.notice.value = '';
  });
  const body = {
    picture: picture.id,
    question: bodyOf(question, picture.size),
    systems: chosen,
    classes: studio.classes.value,
    ...(asked.own === undefined ? {} : { about: asked.own.at }),
  };
  await tell(studio, () =>
    studio.api.stream('/api/asks', body, stop.signal, (event, data) =>
      hear(studio, at, event, data as Heard),
    ),
  );
  batch(() => {
    if (studio.running.value === stop) studio.running.value = undefined;
    changeColumns(studio, at, (column) =>
      column.progress.state === 'waiting' || column.progress.state === 'running'
        ? { ...column, progress: { state: 'stopped', note: 'stopped', text: column.progress.text } }
        : column,
    );
  });
}

/** A question as the server takes it: nothing is sent of what is empty. */
export function bodyOf(
  { text, labels, descriptions, points, boxes, strokes }: Question,
  size: readonly [number, number],
): Ask {
  const mask = maskOfStrokes(strokes, size);
  const prompts = [
    ...boxes.map((box) => ({ box })),
    ...(points.length === 0 ? [] : [{ points }]),
    ...(mask === undefined ? [] : [{ mask }]),
  ];
  return {
    ...(text.trim() === '' ? {} : { text: text.trim() }),
    ...(labels.length === 0 ? {} : { labels }),
    ...(prompts.length === 0 ? {} : { prompts }),
    ...(labels.length === 0 || descriptions === undefined ? {} : { descriptions }),
  };
}

function hear(studio: Studio, at: number, event: string, data: Heard): void {
  if (event === 'done') return;
  changeColumns(studio, at, (column, place) => (place === data.place ? heard(column, event, data) : column));
  if (event === 'result') studio.classes.value = data.classes;
}

function heard(column: Column, event: string, data: Heard): Column {
  const { text } = column.progress;
  const running = (note: string): Column => ({ ...column, progress: { state: 'running', note, text } });
  switch (event) {
    case 'queued':
      return {
        ...column,
        progress: { ...WAITING, note: data.ahead === 0 ? 'is next' : `waits for ${data.ahead}` },
      };
    case 'start':
      return running('begins');
    case 'stage':
      return running(data.slot);
    case 'progress':
      return running(data.note ?? column.progress.note);
    case 'text':
      return { ...column, progress: { state: 'running', note: column.progress.note, text: data.text } };
    case 'failed':
      return { ...column, progress: { state: 'failed', note: `${data.code}: ${data.message}`, text } };
    case 'result':
      return {
        ...column,
        progress: { state: 'done', note: '', text },
        views: [...column.views, data.view],
        scores: [...column.scores, data.score],
        ignores: data.ignores,
        record: data.record,
      };
    default:
      return column;
  }
}

/** Changes the columns of one question. */
export function changeColumns(
  studio: Studio,
  at: number,
  change: (column: Column, place: number) => Column,
): void {
  studio.history.value = studio.history.value.map((asked, i) =>
    i === at ? { ...asked, columns: asked.columns.map(change) } : asked,
  );
}
