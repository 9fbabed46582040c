import { useEffect, useState } from 'preact/hooks';
import type { SlotEntry, SystemChoice } from '../state/model.js';
import { tell, type Studio } from '../state/studio.js';
import { OptionsForm } from './options-form.js';

interface SlotsProps {
  readonly studio: Studio;
  readonly choice: SystemChoice;
  readonly put: (stages: SystemChoice['stages']) => void;
}

/** A recipe as a row of slots: each with its stage, those that fit in its place, and those that do not with the reason. */
export function Slots({ studio, choice, put }: SlotsProps) {
  const [slots, setSlots] = useState<readonly SlotEntry[]>([]);
  useEffect(() => {
    void tell(studio, async () => {
      setSlots(await studio.api.get(`/api/slots?recipe=${encodeURIComponent(choice.recipe)}`));
    });
  }, [studio, choice.recipe]);
  const { stages } = choice;
  const swap = (slot: SlotEntry, stage: string, options?: Readonly<Record<string, unknown>>): void => {
    const { [slot.slot]: _, ...others } = stages;
    const own = stage === slot.stage && options === undefined;
    put(own ? others : { ...others, [slot.slot]: { stage, ...(options && { options }) } });
  };
  return (
    <ul class="slots">
      {slots.map((slot) => {
        const chosen = stages[slot.slot];
        const stage = chosen?.stage ?? slot.stage;
        const entry = slot.choices.find((one) => one.stage === stage);
        return (
          <li key={slot.slot}>
            <label title={slot.summary}>
              {slot.slot}
              <select value={stage} onChange={({ currentTarget }) => swap(slot, currentTarget.value)}>
                {slot.choices.map((one) => (
                  <option
                    key={one.stage}
                    value={one.stage}
                    disabled={one.misfit !== undefined}
                    title={one.misfit ?? one.summary}
                  >
                    {one.stage}
                  </option>
                ))}
              </select>
            </label>
            <Misfits slot={slot} />
            {entry !== undefined && (
              <OptionsForm
                key={stage}
                entry={entry}
                values={chosen?.options ?? (chosen === undefined ? slot.options : {})}
                put={(options) => swap(slot, stage, options)}
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Why the other stages of a slot cannot stand in it. */
function Misfits({ slot: { choices } }: { readonly slot: SlotEntry }) {
  const misfits = choices.filter(({ misfit }) => misfit !== undefined);
  if (misfits.length === 0) return null;
  return (
    <details class="misfits">
      <summary>{misfits.length} do not fit</summary>
      <ul>
        {misfits.map(({ stage, misfit }) => (
          <li key={stage}>{misfit}</li>
        ))}
      </ul>
    </details>
  );
}
