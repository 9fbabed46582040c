import type { Prng } from '@maskloom/core';

/** What real and hostile files hold where something else was meant. */
const VALUES: readonly string[] = [
  'null',
  'true',
  '""',
  '"x"',
  '[]',
  '{}',
  '-1',
  '0',
  '1.5',
  '1e999',
  '-1e308',
  '4294967296',
  '9007199254740993',
  '"../../../etc/passwd"',
  '"/etc/passwd"',
  '"C:\\\\windows"',
  '"a\\u0000b"',
  '"\\ud800"',
  `"${'long '.repeat(500)}"`,
  '[[[[[[[[[[[[]]]]]]]]]]]]',
  '[1,2,3]',
  '{"size":[1000000,1000000],"counts":"0"}',
  '{"size":[4,6],"counts":"~~~~~~~~~~~~~~~"}',
  '{"size":[4,6],"counts":[4294967295,4294967295]}',
  '{"__proto__":{"polluted":1}}',
];

/** A damaged copy of a file: cut, bytes changed, parts doubled, or, where it is JSON, a value put in another's place. */
export function damage(whole: Buffer, path: string, random: Prng): Buffer {
  const ways = [cut, flip, flip, splice];
  if (/\.(json|txt)$/.test(path)) ways.push(replaceValue, replaceValue, replaceValue, replaceValue);
  if (/\.png$/.test(path)) ways.push(hugeHeader);
  return random.pick(ways)(whole, random);
}

function cut(whole: Buffer, random: Prng): Buffer {
  return whole.subarray(0, random.int(whole.length));
}

function flip(whole: Buffer, random: Prng): Buffer {
  const out = Buffer.from(whole);
  for (let n = random.int(8); n >= 0; n--) out[random.int(out.length)] = random.int(256);
  return out;
}

function splice(whole: Buffer, random: Prng): Buffer {
  const from = random.int(whole.length);
  const part = whole.subarray(from, from + random.int(64));
  const at = random.int(whole.length);
  return Buffer.concat([whole.subarray(0, at), part, whole.subarray(at + random.int(16))]);
}

/** One number, text, or innermost list or object of a JSON text becomes another value. */
function replaceValue(whole: Buffer, random: Prng): Buffer {
  const text = whole.toString('utf8');
  const values = [
    ...text.matchAll(/"(?:[^"\\]|\\.)*"(?!\s*:)|-?\d+(?:\.\d+)?|\[[^[\]{}]*\]|\{[^[\]{}]*\}|true|false/g),
  ];
  if (values.length === 0) return flip(whole, random);
  const { index, 0: old } = random.pick(values);
  return Buffer.from(text.slice(0, index) + random.pick(VALUES) + text.slice(index + old.length));
}

/** A PNG whose header claims any size. */
function hugeHeader(whole: Buffer, random: Prng): Buffer {
  const out = Buffer.from(whole);
  out.writeUInt32BE(random.u32(), random.chance(0.5) ? 16 : 20);
  return out;
}
