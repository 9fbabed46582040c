/**
 * The name that each class is asked for by. Of several names (divided by `;` or `,`) it is the first that no earlier class
 * has, whatever its capitals: in ADE20K two classes begin with `screen`. Where all are taken, a number tells them apart.
 * @param names - as the files have them
 * @returns one name per class, all different
 */
export function askedNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const own = name
      .split(/[;,]/)
      .map((one) => one.trim())
      .filter((one) => one !== '');
    const first = own[0] ?? name;
    let found = own.find((one) => !taken.has(one.toLowerCase()));
    for (let n = 2; found === undefined; n++) {
      if (!taken.has(`${first} (${n})`.toLowerCase())) found = `${first} (${n})`;
    }
    taken.add(found.toLowerCase());
    return found;
  });
}
