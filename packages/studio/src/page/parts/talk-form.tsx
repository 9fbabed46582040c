import { useState } from 'preact/hooks';
import { saveFile } from '../state/keep.js';
import type { Column } from '../state/model.js';
import { load, say } from '../state/talk.js';
import type { Studio } from '../state/studio.js';

interface TalkFormProps {
  readonly studio: Studio;
  readonly column: Column;
  readonly place: number;
}

/** What is wrong with a result, in words; the last box drawn says where. */
export function TalkForm({ studio, column, place }: TalkFormProps) {
  const [words, setWords] = useState('');
  const [refiner, setRefiner] = useState('refine/concat');
  const { record } = column;
  if (record === undefined) return null;
  const { refiners = [], sayable = [] } = studio.facts.value ?? {};
  const speak = (what: string): void => {
    if (what.trim() === '') return;
    const box = studio.question.value.boxes.at(-1);
    void say(studio, place, { say: what, box, refiner });
    setWords('');
  };
  const name = column.choice.recipe;
  const save = (): void =>
    saveFile('conversation.json', new Blob([JSON.stringify(record)], { type: 'application/json' }));
  return (
    <form
      class="talk"
      onSubmit={(event) => {
        event.preventDefault();
        speak(words);
      }}
    >
      <input
        type="text"
        list="sayable"
        aria-label={`say what is wrong with ${name}`}
        placeholder="say what is wrong: make it larger, …"
        value={words}
        onInput={({ currentTarget }) => setWords(currentTarget.value)}
      />
      <datalist id="sayable">
        {sayable.flatMap(([, examples]) => examples.map((one) => <option key={one} value={one} />))}
      </datalist>
      <button type="submit">Say</button>
      <button type="button" disabled={record.steps.length < 2} onClick={() => speak('undo')}>
        Undo
      </button>
      <button type="button" disabled={record.undone.length === 0} onClick={() => speak('redo')}>
        Redo
      </button>
      <details>
        <summary aria-label={`more for the conversation with ${name}`}>more</summary>
        <label>
          refiner
          <select value={refiner} onChange={({ currentTarget }) => setRefiner(currentTarget.value)}>
            {refiners.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={save}>
          Save conversation
        </button>
        <label class="file">
          load a conversation
          <input
            type="file"
            accept=".json,application/json"
            onChange={({ currentTarget }) => {
              void currentTarget.files?.[0]?.text().then((text) => loadText(studio, place, text));
              currentTarget.value = '';
            }}
          />
        </label>
      </details>
    </form>
  );
}

function loadText(studio: Studio, place: number, text: string): void {
  try {
    void load(studio, place, JSON.parse(text) as unknown);
  } catch {
    studio.notice.value = 'DATA_INVALID: The file holds no saved conversation.';
  }
}
