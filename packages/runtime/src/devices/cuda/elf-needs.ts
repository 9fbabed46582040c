import { closeSync, openSync, readSync } from 'node:fs';

const DYNAMIC = 6;
const NEEDED = 1n;
const SECTION_BYTES = 64;

/**
 * The shared libraries that a 64-bit ELF file says it cannot do without (`DT_NEEDED`), e.g. `libcudart.so.13`. Read from the
 * file itself: which CUDA a build of the provider wants is nowhere else said. A few kilobytes are read of any size of file.
 * @returns nothing for another kind of file
 */
export function neededLibraries(file: string): readonly string[] {
  const handle = openSync(file, 'r');
  try {
    return readNeeded((offset, length) => {
      const bytes = Buffer.alloc(length);
      const count = readSync(handle, bytes, 0, length, offset);
      return bytes.subarray(0, count);
    });
  } finally {
    closeSync(handle);
  }
}

function readNeeded(read: (offset: number, length: number) => Buffer): readonly string[] {
  const head = read(0, 64);
  // 64 bits, little-endian: what CUDA's Linux libraries are.
  if (head.length < 64 || head.toString('latin1', 0, 6) !== '\u007fELF\u0002\u0001') return [];
  const sections = read(Number(head.readBigUInt64LE(0x28)), head.readUInt16LE(0x3c) * SECTION_BYTES);
  const section = (
    index: number,
  ): { kind: number; offset: number; size: number; link: number } | undefined => {
    const at = index * SECTION_BYTES;
    if (at + SECTION_BYTES > sections.length) return undefined;
    return {
      kind: sections.readUInt32LE(at + 4),
      offset: Number(sections.readBigUInt64LE(at + 0x18)),
      size: Number(sections.readBigUInt64LE(at + 0x20)),
      link: sections.readUInt32LE(at + 0x28),
    };
  };
  for (let i = 0; i * SECTION_BYTES < sections.length; i++) {
    const dynamic = section(i);
    const strings = dynamic?.kind === DYNAMIC ? section(dynamic.link) : undefined;
    if (dynamic === undefined || strings === undefined) continue;
    const names = read(strings.offset, strings.size);
    const entries = read(dynamic.offset, dynamic.size);
    const found: string[] = [];
    for (let at = 0; at + 16 <= entries.length; at += 16) {
      if (entries.readBigUInt64LE(at) !== NEEDED) continue;
      const start = Number(entries.readBigUInt64LE(at + 8));
      found.push(names.toString('latin1', start, names.indexOf(0, start)));
    }
    return found;
  }
  return [];
}
