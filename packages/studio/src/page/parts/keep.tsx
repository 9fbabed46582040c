import { useState } from 'preact/hooks';
import { saveMasks, saveTable } from '../state/keep.js';
import type { Studio } from '../state/studio.js';

/** Goes through the questions that were asked, and saves their masks. */
export function Keep({ studio }: { readonly studio: Studio }) {
  const [form, setForm] = useState('coco');
  const [shownColumns, setColumns] = useState<readonly string[]>([]);
  const asked = studio.current.value;
  const [count, shown] = [studio.history.value.length, studio.shown.value];
  const forms = Object.entries(studio.facts.value?.forms ?? {});
  const go = (at: number): void => {
    const other = studio.history.value[at];
    if (other === undefined) return;
    studio.shown.value = at;
    studio.picture.value = other.picture;
    studio.question.value = other.question;
    studio.own.value = other.own;
  };
  return (
    <div class="keep">
      <button
        type="button"
        disabled={count === 0 || shown === 0}
        onClick={() => go(shown < 0 ? count - 1 : shown - 1)}
      >
        ← earlier question
      </button>
      <span class="about">{count === 0 ? 'no question yet' : `question ${shown + 1} of ${count}`}</span>
      <button type="button" disabled={shown < 0 || shown >= count - 1} onClick={() => go(shown + 1)}>
        later question →
      </button>
      <label>
        masks as{' '}
        <select value={form} onChange={({ currentTarget }) => setForm(currentTarget.value)}>
          {forms.map(([name, what]) => (
            <option key={name} value={name} title={what}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        disabled={asked?.columns.some(({ record }) => record !== undefined) !== true}
        onClick={() => asked && void saveMasks(studio, asked, form)}
      >
        Save masks
      </button>
      <button
        type="button"
        disabled={asked === undefined}
        onClick={() => asked && void saveTable(studio, asked, shownColumns)}
      >
        Save as ablation table
      </button>
      <Columns studio={studio} shown={shownColumns} put={setColumns} />
    </div>
  );
}

interface ColumnsProps {
  readonly studio: Studio;
  readonly shown: readonly string[];
  readonly put: (shown: readonly string[]) => void;
}

/** Which figures the table has; the usual one when none is chosen. */
function Columns({ studio, shown, put }: ColumnsProps) {
  const { columns = [] } = studio.facts.value ?? {};
  const [usual] = columns;
  if (columns.length < 2) return null;
  return (
    <details class="columns">
      <summary>its columns: {shown.length === 0 ? usual?.label : shown.length}</summary>
      <fieldset>
        <legend>figures of the table</legend>
        {columns.map(({ label, task }) => (
          <label key={label} title={`for systems that can do the task ${task}`}>
            <input
              type="checkbox"
              checked={shown.includes(label)}
              onChange={({ currentTarget }) =>
                put(currentTarget.checked ? [...shown, label] : shown.filter((one) => one !== label))
              }
            />{' '}
            {label} <span class="about">({task})</span>
          </label>
        ))}
      </fieldset>
    </details>
  );
}
