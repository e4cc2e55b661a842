/** Pieces of paths, as they stand in a request line, and what joins them: every way out of a folder that is known. */
const PIECES = [
  ...[
    'a',
    'b.txt',
    'MLmodel',
    'a%20b',
    'a+b',
    '%C3%BC',
    '%F0%9F%98%80',
    '100%25',
    '...',
    '.hidden',
    'a..b',
    '~',
    '~root',
  ],
  ...[
    '..',
    '.',
    '',
    '%2e%2e',
    '%2E%2E',
    '.%2e',
    '%2e.',
    '%2e',
    '%252e%252e',
    '%252e',
    '%25252e%25252e',
    '..%00',
    '%00',
  ],
  ...[
    '..%2f',
    '..%2F..',
    '%2f',
    '%2Fetc',
    '..%5c',
    '%5c',
    '%5C..',
    '..%255c',
    '%255c',
    '..%252f',
    '%252f',
    '\\',
    '..\\..',
  ],
  ...['%c0%ae%c0%ae', '%c0%af', '%e0%80%ae', '%f0%80%80%ae', '%uff0e', '%', '%zz', '%ff', '%ef%bf%bd', '%ed%a0%80'],
  ...[
    '%0a',
    '%0d%0aX:1',
    '%09',
    '%7f',
    '%c2%85',
    ';',
    '..;',
    '..;/',
    'other',
    'default',
    'team',
    'mlflow',
    'etc',
    'passwd',
  ],
  ...['s3:', 'file:', 'http:', 'C:', '%EF%BC%8E%EF%BC%8E', '%E2%80%A5', '%E2%88%95'],
];
const JOINS = ['/', '%2f'];

/** All pairs of pieces with every joint, the pieces alone, and behind rarer joints: as a request's path writes them. */
export function corpus(): string[] {
  const pairs = PIECES.flatMap((one) => PIECES.flatMap((other) => JOINS.map((join) => `${one}${join}${other}`)));
  const joints = ['//', '%2F', '%5c', '%252f'].flatMap((join) => PIECES.map((piece) => `0${join}${piece}`));
  const climbs = Array.from({ length: 8 }, (_, i) => `${'../'.repeat(i + 1)}other/mlflow/secret`);
  return [...new Set([...PIECES, ...pairs, ...joints, ...climbs])];
}
