import { SLOTS } from '@maskloom/core';

/** Colours in styles/palette.css for slots that other packages define. */
const OTHER_COLOURS = 6;

/** The style class that gives a slot its colour; slots of other packages share a few colours, chosen by their names. */
export function slotClass(slot: string): string {
  if (SLOTS.some(({ name }) => name === slot)) return `slot-${slot}`;
  let hash = 0;
  for (const letter of slot) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return `slot-other-${hash % OTHER_COLOURS}`;
}

/**
 * Slots in the order in which a picture flows through them.
 * @param seen - those that ran, in the order of their first calls
 * @param order - names in the order of flow; the slots of @maskloom/core when absent
 * @returns those seen: first as in `order`, then, in the order of their first calls, those that it does not name
 */
export function inFlow(
  seen: ReadonlySet<string>,
  order: readonly string[] = SLOTS.map(({ name }) => name),
): readonly string[] {
  return [...order.filter((name) => seen.has(name)), ...[...seen].filter((name) => !order.includes(name))];
}
