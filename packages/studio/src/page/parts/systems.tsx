import { useState } from 'preact/hooks';
import type { SystemChoice } from '../state/model.js';
import { copyCode } from '../state/keep.js';
import { tell, type Studio } from '../state/studio.js';
import { Device } from './device.js';
import { Slots } from './slots.js';

/** Which systems are asked, and what they are made of. */
export function Systems({ studio }: { readonly studio: Studio }) {
  const chosen = studio.chosen.value;
  const put = (place: number, ...choices: readonly SystemChoice[]): void => {
    studio.chosen.value = chosen.flatMap((one, i) => (i === place ? choices : [one]));
  };
  return (
    <section>
      <h2>Systems</h2>
      <ol class="systems">
        {chosen.map((choice, i) => (
          <System
            key={`${i} ${choice.recipe}`}
            studio={studio}
            choice={choice}
            put={(...choices) => put(i, ...choices)}
          />
        ))}
      </ol>
      <select
        aria-label="add a system"
        value=""
        onChange={({ currentTarget }) => {
          const recipe = currentTarget.value;
          if (recipe !== '') studio.chosen.value = [...chosen, { recipe, stages: {} }];
          currentTarget.value = '';
        }}
      >
        <option value="">add a system …</option>
        {studio.systems.value.map(({ id, tasks }) => (
          <option key={id} value={id}>
            {id} ({tasks.join(', ')})
          </option>
        ))}
      </select>
    </section>
  );
}

interface SystemProps {
  readonly studio: Studio;
  readonly choice: SystemChoice;
  /** Puts others in the choice's place. */
  readonly put: (...choices: readonly SystemChoice[]) => void;
}

function System({ studio, choice, put }: SystemProps) {
  const [open, setOpen] = useState(false);
  const [code, setCode] = useState('');
  const entry = studio.systems.value.find(({ id }) => id === choice.recipe);
  const swapped = Object.keys(choice.stages).length;
  const copy = (): void =>
    void tell(studio, async () => {
      setCode(await copyCode(studio, choice));
      studio.notice.value = 'the program is on the clipboard';
    });
  return (
    <li>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary title={entry?.summary}>
          {choice.recipe}
          {choice.device !== undefined && <span class="tag">{choice.device}</span>}
          {choice.weights !== undefined && <span class="tag">weights {choice.weights}</span>}
          {swapped > 0 && <span class="tag">{swapped} swapped</span>}
        </summary>
        <p class="about">{entry?.summary}</p>
        {open && (
          <Device
            studio={studio}
            choice={choice}
            put={(device) => {
              const { device: _, ...others } = choice;
              put(device === undefined ? others : { ...others, device });
            }}
          />
        )}
        {open && <Slots studio={studio} choice={choice} put={(stages) => put({ ...choice, stages })} />}
        <div class="buttons">
          <button type="button" onClick={() => put(choice, { ...choice })}>
            Twice
          </button>
          <button type="button" onClick={copy}>
            Copy as code
          </button>
        </div>
        {code !== '' && (
          <pre class="code" tabIndex={0} aria-label={`${choice.recipe} as a program`}>
            {code}
          </pre>
        )}
      </details>
      <button type="button" aria-label={`leave ${choice.recipe} out`} onClick={() => put()}>
        ×
      </button>
    </li>
  );
}
