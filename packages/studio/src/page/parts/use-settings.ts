import type { Settings, SettingsStore } from '@maskloom/report/viewer';
import { useEffect, useState } from 'preact/hooks';

/** The viewer's settings; the component is drawn again when one changes. */
export function useSettings(store: SettingsStore): Settings {
  const [, redraw] = useState(0);
  useEffect(() => store.listen(() => redraw((count) => count + 1)), [store]);
  return store.values;
}
