import { useState } from 'preact/hooks';
import type { OptionSchema, StageEntry } from '../state/model.js';

interface OptionsFormProps {
  readonly entry: StageEntry;
  readonly values: Readonly<Record<string, unknown>>;
  readonly put: (options: Readonly<Record<string, unknown>>) => void;
}

/** A stage's options as a form, made from their schema. */
export function OptionsForm({ entry, values, put }: OptionsFormProps) {
  const options = Object.entries(entry.options.properties ?? {}).filter(
    ([, schema]) => !JSON.stringify(schema).includes('"format":"path"'),
  );
  if (options.length === 0) return null;
  return (
    <details class="options">
      <summary>options</summary>
      {options.map(([name, schema]) => (
        <OptionField
          key={name}
          name={name}
          schema={schema}
          value={values[name]}
          put={(value) => {
            const { [name]: _, ...others } = values;
            put(value === undefined ? others : { ...others, [name]: value });
          }}
        />
      ))}
    </details>
  );
}

interface OptionFieldProps {
  readonly name: string;
  readonly schema: OptionSchema;
  readonly value: unknown;
  /** Nothing leaves the option to its default. */
  readonly put: (value: unknown) => void;
}

function OptionField({ name, schema, value, put }: OptionFieldProps) {
  const { type, enum: names, description, minimum, maximum } = schema;
  if (type === 'boolean')
    return (
      <label title={description}>
        <input
          type="checkbox"
          checked={Boolean(value ?? schema.default)}
          onChange={({ currentTarget }) => put(currentTarget.checked)}
        />{' '}
        {name}
      </label>
    );
  if (names !== undefined)
    return (
      <label title={description}>
        {name}
        <select
          value={String(value ?? schema.default ?? '')}
          onChange={({ currentTarget }) => put(currentTarget.value === '' ? undefined : currentTarget.value)}
        >
          {schema.default === undefined && <option value="">as the bundle says</option>}
          {names.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
    );
  if (type === 'number' || type === 'integer')
    return (
      <label title={description}>
        {name}
        <input
          type="number"
          step={type === 'integer' ? 1 : 'any'}
          min={minimum}
          max={maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined}
          placeholder={String(schema.default ?? '')}
          value={value === undefined ? '' : String(value)}
          onChange={({ currentTarget }) =>
            put(currentTarget.value === '' ? undefined : currentTarget.valueAsNumber)
          }
        />
      </label>
    );
  return <TextField name={name} schema={schema} value={value} put={put} />;
}

/** Words as they are; anything else as JSON. */
function TextField({ name, schema, value, put }: OptionFieldProps) {
  const words = schema.type === 'string';
  const [wrong, setWrong] = useState(false);
  const shown = value === undefined ? '' : words ? String(value) : JSON.stringify(value);
  return (
    <label title={schema.description}>
      {name}
      {!words && ' (JSON)'}
      <input
        type="text"
        value={shown}
        aria-invalid={wrong}
        placeholder={schema.default === undefined ? '' : JSON.stringify(schema.default)}
        onChange={({ currentTarget: { value: text } }) => {
          try {
            put(text === '' ? undefined : words ? text : (JSON.parse(text) as unknown));
            setWrong(false);
          } catch {
            setWrong(true);
          }
        }}
      />
    </label>
  );
}
