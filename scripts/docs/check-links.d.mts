/** What was followed, and `page: link (why)` of each that leads nowhere. */
export interface LinkReport {
  readonly pages: number;
  readonly links: number;
  readonly broken: readonly string[];
}

/** Follows the links between the pages of a folder. */
export function checkLinks(folder: string): Promise<LinkReport>;
