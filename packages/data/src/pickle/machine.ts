import { standIn } from './objects.js';
import type { PickleReader } from './reader.js';
import { PickleStack } from './stack.js';
import { rawUnicode, textOf, unquote } from './text.js';
import { PickleName, PickleObject, type PickleValue } from './values.js';

type Step = (stack: PickleStack, reader: PickleReader) => void;

const code = (letter: string): number => letter.charCodeAt(0);

/** BUILD: the state is noted on objects; plain data has none. */
const build: Step = (stack) => {
  const state = stack.pop();
  const target = stack.top();
  if (target instanceof PickleObject) target.state = state;
};

/** What every opcode of protocols 0 to 5 does (Python's `pickletools`); STOP is the loop's own. */
const STEPS: ReadonlyMap<number, Step> = new Map<number, Step>([
  [code('('), (s) => s.mark()],
  [code('0'), (s) => s.drop()],
  [code('1'), (s) => void s.toMark()],
  [code('2'), (s) => s.push(s.top())],
  // numbers and constants
  [code('N'), (s) => s.push(null)],
  [0x88, (s) => s.push(true)],
  [0x89, (s) => s.push(false)],
  [code('I'), (s, r) => s.push(boolOrInt(r))],
  [code('L'), (s, r) => s.push(r.decimal())],
  [code('J'), (s, r) => s.push(r.int32())],
  [code('K'), (s, r) => s.push(r.length(1))],
  [code('M'), (s, r) => s.push(r.length(2))],
  [0x8a, (s, r) => s.push(r.long(r.length(1)))],
  [0x8b, (s, r) => s.push(r.long(r.length(4)))],
  [code('F'), (s, r) => s.push(floatOf(r))],
  [code('G'), (s, r) => s.push(r.float())],
  // text and bytes
  [code('S'), (s, r) => s.push(literal(r))],
  [code('T'), (s, r) => s.push(textOf(r.take(r.length(4))))],
  [code('U'), (s, r) => s.push(textOf(r.take(r.length(1))))],
  [code('V'), (s, r) => s.push(rawUnicode(r.line()))],
  [code('X'), (s, r) => s.push(textOf(r.take(r.length(4))))],
  [0x8c, (s, r) => s.push(textOf(r.take(r.length(1))))],
  [0x8d, (s, r) => s.push(textOf(r.take(r.length(8))))],
  [code('B'), (s, r) => s.push(r.take(r.length(4)))],
  [code('C'), (s, r) => s.push(r.take(r.length(1)))],
  [0x8e, (s, r) => s.push(r.take(r.length(8)))],
  [0x96, (s, r) => s.push(r.take(r.length(8)))],
  // containers
  [code(']'), (s) => s.push([])],
  [code(')'), (s) => s.push([])],
  [code('}'), (s) => s.push(new Map())],
  [0x8f, (s) => s.push([])],
  [code('l'), (s) => s.push(s.toMark())],
  [code('t'), (s) => s.push(s.toMark())],
  [0x91, (s) => s.push(s.toMark())],
  [0x85, (s) => s.push(s.popMany(1))],
  [0x86, (s) => s.push(s.popMany(2))],
  [0x87, (s) => s.push(s.popMany(3))],
  [code('d'), (s) => s.push(s.dictionary(s.toMark()))],
  [code('a'), (s) => s.append([s.pop()])],
  [code('e'), (s) => s.append(s.toMark())],
  [0x90, (s) => s.append(s.toMark())],
  [code('s'), (s) => s.setItems(s.popMany(2))],
  [code('u'), (s) => s.setItems(s.toMark())],
  // memo
  [code('p'), (s, r) => s.put(place(r))],
  [code('q'), (s, r) => s.put(r.length(1))],
  [code('r'), (s, r) => s.put(r.length(4))],
  [0x94, (s) => s.memoize()],
  [code('g'), (s, r) => s.push(s.get(place(r)))],
  [code('h'), (s, r) => s.push(s.get(r.length(1)))],
  [code('j'), (s, r) => s.push(s.get(r.length(4)))],
  // names and objects: written down, never looked up or called
  [code('c'), (s, r) => s.push(new PickleName(`${r.line()}.${r.line()}`))],
  [0x93, (s, r) => s.push(stackedName(s, r))],
  [code('R'), (s, r) => applied(s, r)],
  [0x81, (s, r) => applied(s, r)],
  [0x92, (s, r) => (s.pop(), applied(s, r))],
  [code('i'), (s, r) => s.push(new PickleObject(`${r.line()}.${r.line()}`, s.toMark()))],
  [code('o'), (s, r) => objectFromMark(s, r)],
  [code('b'), build],
  // framing
  [0x80, (_, r) => protocol(r)],
  [0x95, (_, r) => void r.length(8)],
]);

/**
 * Runs a pickle as data.
 * @returns the value at STOP
 * @throws MaskloomError `DATA_INVALID` naming the byte
 */
export function runPickle(reader: PickleReader): PickleValue {
  const stack = new PickleStack(reader);
  for (;;) {
    const opcode = reader.byte();
    if (opcode === code('.')) return stack.pop();
    const step = STEPS.get(opcode);
    if (step === undefined)
      throw reader.wrong(`opcode 0x${opcode.toString(16).padStart(2, '0')} is not one of plain data`);
    step(stack, reader);
  }
}

/** INT: `00` and `01` are False and True. */
function boolOrInt(reader: PickleReader): PickleValue {
  const text = reader.peekLine();
  const value = reader.decimal();
  return text === '00' ? false : text === '01' ? true : value;
}

function floatOf(reader: PickleReader): number {
  const text = reader.line().trim();
  const special: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: NaN };
  const value = special[text] ?? (text === '' ? NaN : Number(text));
  if (Number.isNaN(value) && text !== 'nan') throw reader.wrong(`'${text.slice(0, 20)}' is no number`);
  return value;
}

function literal(reader: PickleReader): string {
  const bytes = unquote(reader.line().trim());
  if (bytes === undefined) throw reader.wrong('a string has no quotes');
  return textOf(Buffer.from(bytes, 'latin1'));
}

function place(reader: PickleReader): number {
  const value = reader.decimal();
  if (typeof value !== 'number' || value < 0) throw reader.wrong(`${value} is no place of the memo`);
  return value;
}

function stackedName(stack: PickleStack, reader: PickleReader): PickleName {
  const [module, name] = stack.popMany(2);
  if (typeof module !== 'string' || typeof name !== 'string') throw reader.wrong('a name is no text');
  return new PickleName(`${module}.${name}`);
}

function applied(stack: PickleStack, reader: PickleReader): void {
  const args = stack.pop();
  stack.push(standIn(stack.pop(), args, reader));
}

function objectFromMark(stack: PickleStack, reader: PickleReader): void {
  const [maker, ...args] = stack.toMark();
  if (!(maker instanceof PickleName)) throw reader.wrong('something is made from what has no name');
  stack.push(new PickleObject(maker.name, args));
}

function protocol(reader: PickleReader): void {
  const version = reader.byte();
  if (version > 5) throw reader.wrong(`protocol ${version} is newer than 5`);
}
