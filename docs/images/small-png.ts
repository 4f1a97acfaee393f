import { crc32, deflateSync, inflateSync } from 'node:zlib';

/**
 * Writes a browser's screenshot anew with a palette: about a third of the size. The colours are the most frequent ones
 * that differ from each other, the more the larger the picture would be, so that shades of grey merge before a hue is lost.
 *
 * @param png 8 bits a channel, RGB or RGBA, not interlaced: what Chromium writes
 */
export function smallPng(png: Buffer, maxBytes: number): Buffer {
  const image = decode(png);
  let spacing = 1;
  let smaller = encode(image, spacing);
  while (smaller.length > maxBytes && spacing < MAX_SPACING) {
    spacing *= 2;
    smaller = encode(image, spacing);
  }
  return smaller;
}

function encode({ width, height, channels, pixels }: Image, spacing: number): Buffer {
  const { palette, indexes } = toPalette(pixels, channels, spacing);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) rows.set(indexes.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Colours nearer than this become one, at the most; black and white are 442 apart. */
const MAX_SPACING = 32;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: Buffer;
}

function decode(png: Buffer): Image {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const [depth, colourType] = [png[24], png[25]];
  const channels = colourType === 2 ? 3 : 4;
  if (depth !== 8 || (colourType !== 2 && colourType !== 6)) throw new Error('only 8-bit RGB and RGBA can be read');
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return { width, height, channels, pixels: unfilter(inflateSync(Buffer.concat(data)), width * channels, channels) };
}

/** Undoes the filter that each row begins with (PNG specification, section 9). */
function unfilter(data: Buffer, rowLength: number, channels: number): Buffer {
  const rows = data.length / (rowLength + 1);
  const pixels = Buffer.alloc(rows * rowLength);
  for (let y = 0; y < rows; y++) {
    const filter = data[y * (rowLength + 1)];
    for (let x = 0; x < rowLength; x++) {
      const at = y * rowLength + x;
      const left = x >= channels ? (pixels[at - channels] ?? 0) : 0;
      const up = y > 0 ? (pixels[at - rowLength] ?? 0) : 0;
      const upLeft = x >= channels && y > 0 ? (pixels[at - rowLength - channels] ?? 0) : 0;
      const raw = data[y * (rowLength + 1) + 1 + x] ?? 0;
      pixels[at] = raw + predicted(filter, left, up, upLeft);
    }
  }
  return pixels;
}

function predicted(filter: number | undefined, left: number, up: number, upLeft: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, upLeft);
    default:
      return 0;
  }
}

function paeth(left: number, up: number, upLeft: number): number {
  const estimate = left + up - upLeft;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - upLeft)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : upLeft;
}

function toPalette(pixels: Buffer, channels: number, spacing: number): { palette: Buffer; indexes: Uint8Array } {
  const colourAt = (at: number) => pixels.readUIntBE(at, 3);
  const frequency = new Map<number, number>();
  for (let at = 0; at < pixels.length; at += channels)
    frequency.set(colourAt(at), (frequency.get(colourAt(at)) ?? 0) + 1);
  const byFrequency = [...frequency].sort((one, other) => other[1] - one[1]).map(([colour]) => colour);
  const kept: number[] = [];
  for (const colour of byFrequency)
    if (kept.length < 256 && kept.every((other) => distance(colour, other) >= spacing)) kept.push(colour);
  const palette = Buffer.alloc(kept.length * 3);
  for (const [index, colour] of kept.entries()) palette.writeUIntBE(colour, index * 3, 3);

  const indexOf = new Map(byFrequency.map((colour) => [colour, nearest(kept, colour)]));
  const indexes = new Uint8Array(pixels.length / channels);
  for (let pixel = 0; pixel < indexes.length; pixel++) indexes[pixel] = indexOf.get(colourAt(pixel * channels)) ?? 0;
  return { palette, indexes };
}

function nearest(palette: readonly number[], colour: number): number {
  let best = 0;
  for (const [index, other] of palette.entries())
    if (distance(colour, other) < distance(colour, palette[best] ?? 0)) best = index;
  return best;
}

function distance(one: number, other: number): number {
  const [red, green, blue] = [
    (one >> 16) - (other >> 16),
    ((one >> 8) & 255) - ((other >> 8) & 255),
    (one & 255) - (other & 255),
  ];
  return Math.hypot(red, green, blue);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const result = Buffer.alloc(body.length + 8);
  result.writeUInt32BE(data.length, 0);
  body.copy(result, 4);
  result.writeUInt32BE(crc32(body), body.length + 4);
  return result;
}
