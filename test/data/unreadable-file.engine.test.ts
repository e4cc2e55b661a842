import { describe, expect, test } from '@jest/globals';
import { aCsv, aSpec } from '../builders/dataset.ts';
import { refined } from '../builders/refined.ts';
import { aRefinery } from '../builders/refinery.ts';

describe('a file that cannot be read', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  test.each<[string, string | Uint8Array, string, RegExp]>([
    ['0 bytes', '', 'FileZeroBytes', /^bytes: got 0, /],
    ['a picture', png, 'CsvUnparsable', /^header: got bytes that are not UTF-8/],
    ['UTF-16', Buffer.from(aCsv('1,2019-01-01,,,,'), 'utf16le'), 'CsvUnparsable', /^header: got zero bytes/],
    ['an open quote', aCsv('1,2019-01-01,5,"a,,', '2,2019-01-01,,,,'), 'CsvUnparsable', /^row 1: got .* no partner$/],
    ['Latin 1', Buffer.from(aCsv('1,2019-01-01,5,\xe9,,'), 'latin1'), 'CsvUnparsable', /^row 1: got .*UTF-8$/],
    [
      'mixed line ends',
      'id,day,size,kind,seen,good\n1,2019-01-01,,,,true\r\n2,2019-01-01,,,,true\n',
      'CsvUnparsable',
      /^file: /,
    ],
    [
      'another separator',
      aCsv('1').replaceAll(',', ';'),
      'HeaderMismatch',
      /lacks "day", "good", .*has "id;day;size;kind;good;seen"/,
    ],
    [
      'a missing column',
      'id,day,size,kind,good\n',
      'HeaderMismatch',
      /which lacks "seen"; expected the columns day, good/,
    ],
    [
      'one column more',
      'id,day,size,kind,good,seen,more\n',
      'HeaderMismatch',
      /has "more" which the spec does not name/,
    ],
    ['a column twice', 'id,day,size,kind,good,seen,id\n', 'HeaderMismatch', /repeats "id"/],
    ['no header', '1,2019-01-01,5,a,true,\n', 'HeaderMismatch', /lacks .*has "1", "2019-01-01"/],
  ])('%s', async (_what, csv, name, message) => {
    const at = aRefinery();
    await expect(refined(csv, aSpec(), at)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
    expect(at.curated.keys()).toEqual([]);
  });

  test('only a header: no rows, and nothing written', async () => {
    const at = aRefinery();
    expect(await refined(aCsv(), aSpec(), at)).toMatchObject({ rows: { given: 0 }, files: [] });
    expect(at.curated.keys()).toEqual([]);
  });

  test('is not there any more', async () => {
    const at = aRefinery();
    const gone = at.refinery.refine({
      workspace: 'default',
      object: { key: 'default/things/gone.csv' },
      spec: aSpec(),
      at: '',
    });
    await expect(gone).rejects.toMatchObject({ name: 'RawObjectMissing' });
  });
});
