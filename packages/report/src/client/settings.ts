/** What the toolbar and the column heads decide for every row. */
export interface Settings {
  /** Opacity of the masks' fill, 0..1. */
  opacity: number;
  outlines: boolean;
  /** Darkens what is outside the masks. */
  dim: boolean;
  points: boolean;
  maps: boolean;
  /** Draws the ground truth's outline into every cell. */
  truth: boolean;
  /** Masks whose label does not contain this (without case) are not shown; '' shows all. */
  label: string;
  /** Masks of a lower score are not shown, 0..1. */
  score: number;
  /** Cells whose masks are switched off, by column index. */
  readonly hidden: Set<number>;
}

/** Settings with listeners that repaint when one changes. */
export interface SettingsStore {
  readonly values: Settings;
  /** Applies a change and tells every listener. */
  change(apply: (values: Settings) => void): void;
  /**
   * Calls `listener` after each change.
   * @returns ends that
   */
  listen(listener: () => void): () => void;
}

/** A store with the page's defaults. */
export function createSettings(): SettingsStore {
  const values: Settings = {
    opacity: 0.45,
    outlines: true,
    dim: false,
    points: false,
    maps: false,
    truth: false,
    label: '',
    score: 0,
    hidden: new Set(),
  };
  const listeners = new Set<() => void>();
  return {
    values,
    change(apply) {
      apply(values);
      for (const listener of listeners) listener();
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
