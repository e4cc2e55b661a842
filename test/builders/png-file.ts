import { crc32, deflateSync } from 'node:zlib';

/** A whole PNG of one colour, such as any viewer shows: 8 bits a channel, RGB (PNG specification, third edition). */
export function aPng([red, green, blue]: readonly [number, number, number], side = 8): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  // Each line begins with its filter: none.
  const line = Buffer.concat([Buffer.of(0), Buffer.concat(Array(side).fill(Buffer.of(red, green, blue)))]);
  const pixels = deflateSync(Buffer.concat(Array(side).fill(line)));
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), content]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(content.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
