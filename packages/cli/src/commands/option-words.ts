/**
 * Options as the words of a command line, in the order given; what is absent or false is left out.
 * @param given - by name without dashes; a list is joined by commas, true is the name alone
 */
export function optionWords(
  given: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): readonly string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return [
      value === true ? `--${name}` : `--${name} ${typeof value === 'object' ? value.join(',') : value}`,
    ];
  });
}
