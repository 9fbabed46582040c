/** A 64-bit ELF file with nothing in it but the list of libraries that it needs. */
export function fakeElf(needs: readonly string[]): Buffer {
  const strings = Buffer.from(`\0${needs.map((name) => `${name}\0`).join('')}`, 'latin1');
  const dynamic = Buffer.alloc((needs.length + 1) * 16);
  let at = 1;
  needs.forEach((name, i) => {
    dynamic.writeBigUInt64LE(1n, i * 16);
    dynamic.writeBigUInt64LE(BigInt(at), i * 16 + 8);
    at += name.length + 1;
  });
  const head = Buffer.alloc(64);
  head.write('\u007fELF\u0002\u0001', 'latin1');
  const sections = 64 + strings.length + dynamic.length;
  head.writeBigUInt64LE(BigInt(sections), 0x28);
  head.writeUInt16LE(3, 0x3c);
  const section = (kind: number, offset: number, size: number, link: number): Buffer => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(kind, 4);
    bytes.writeBigUInt64LE(BigInt(offset), 0x18);
    bytes.writeBigUInt64LE(BigInt(size), 0x20);
    bytes.writeUInt32LE(link, 0x28);
    return bytes;
  };
  return Buffer.concat([
    head,
    strings,
    dynamic,
    section(0, 0, 0, 0),
    section(3, 64, strings.length, 0),
    section(6, 64 + strings.length, dynamic.length, 1),
  ]);
}
