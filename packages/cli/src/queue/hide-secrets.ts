/** Arguments that may be seen by everybody, and what they hid, for the environment of the process that works. */
export interface HiddenSecrets {
  readonly args: readonly string[];
  /** Empty where there was no secret. */
  readonly env: Readonly<Record<string, string>>;
}

/** Takes an address with a password out of a command line: lists of processes show it to every user of the machine. */
export function hideSecrets(args: readonly string[]): HiddenSecrets {
  let env: Readonly<Record<string, string>> = {};
  const shown = args.map((one) => {
    const option = one.startsWith('--queue=') ? '--queue=' : '';
    const url = one.slice(option.length);
    if (!/^rediss?:\/\//i.test(url) || !url.includes('@')) return one;
    env = { MASKLOOM_QUEUE_URL: url };
    return `${option}env`;
  });
  return { args: shown, env };
}
