/** Something a person draws with; places are in pixels of the original image and may lie outside of it. */
export interface PointerTool {
  /** The pointer went down. */
  down(x: number, y: number, event: PointerEvent): void;
  /** It moved while it was down. */
  move(x: number, y: number): void;
  /** It went up. */
  up(x: number, y: number): void;
}
