/** Numbers as people read them: four digits, thousands apart where they are whole. */
export function shownNumber(value: number | string | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value.replace(/T00:00:00(\.0+)?Z$/, '').replace(/\.0+Z$/, 'Z');
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString('en-US');
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(3);
  return Number(value.toPrecision(4)).toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** A share in percent; what is not nothing never reads as nothing. */
export function shownShare(share: number): string {
  if (share === 0) return '0 %';
  if (share < 0.001) return '< 0.1 %';
  if (share > 0.999 && share < 1) return '> 99.9 %';
  return `${Number((share * 100).toFixed(1))} %`;
}

export function shownBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [unit, size] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : (['GB', 1e9] as const);
  return `${Number((bytes / Number(size)).toPrecision(3))} ${unit}`;
}
