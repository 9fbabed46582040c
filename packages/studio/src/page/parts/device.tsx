import { useEffect } from 'preact/hooks';
import type { SystemChoice } from '../state/model.js';
import { tell, type Studio } from '../state/studio.js';

interface DeviceProps {
  readonly studio: Studio;
  readonly choice: SystemChoice;
  readonly put: (device: string | undefined) => void;
}

/** Where a system runs; devices that are not available are shown with the reason. */
export function Device({ studio, choice, put }: DeviceProps) {
  useEffect(() => {
    if (studio.devices.value !== undefined) return;
    void tell(studio, async () => {
      studio.devices.value = await studio.api.get('/api/devices');
    });
  }, [studio]);
  const { own, devices = [] } = studio.devices.value ?? {};
  const missing = devices.filter(({ available }) => !available);
  return (
    <div class="device">
      <label>
        device
        <select
          value={choice.device ?? ''}
          onChange={({ currentTarget: { value } }) => put(value === '' ? undefined : value)}
        >
          <option value="">{own === undefined ? 'as the studio' : `as the studio: ${own}`}</option>
          {devices.map(({ device, available, reason }) => (
            <option key={device} value={device} disabled={!available} title={reason}>
              {device}
            </option>
          ))}
        </select>
      </label>
      {missing.length > 0 && (
        <details class="away">
          <summary>{missing.length} are not available</summary>
          <ul>
            {missing.map(({ device, reason = 'it does not answer', remedy }) => (
              <li key={device}>
                {device}: {reason}
                {remedy !== undefined && `. ${remedy}`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
