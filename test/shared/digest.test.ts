import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, DIGEST_PATTERN, digestOf, digestOfJson, hexOf } from '../../lambdas/shared/digest.ts';

describe('a digest', () => {
  test('is sha256 of the bytes, with its name before it', () => {
    // FIPS 180-4's example "abc".
    const digest = digestOf('abc');
    expect(digest).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(digest).toMatch(DIGEST_PATTERN);
    expect(hexOf(digest)).toHaveLength(64);
    expect(digestOf(Buffer.from('abc'))).toBe(digest);
  });

  test('of JSON does not depend on the order of members', () => {
    expect(digestOfJson({ b: 1, a: [{ d: 2, c: 3 }] })).toBe(digestOfJson({ a: [{ c: 3, d: 2 }], b: 1 }));
    expect(digestOfJson([1, 2])).not.toBe(digestOfJson([2, 1]));
  });
});

describe('canonical JSON (RFC 8785)', () => {
  test('section 3.2.2: literals, strings and numbers', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '€$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('section 3.2.3: members by UTF-16 code units', () => {
    const value = {
      '€': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      1: 'One',
      '😀': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      ö: 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalJson(value)) as object)).toEqual([
      // JavaScript lists the integer-like member first, whatever the text says.
      'One',
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
    expect(canonicalJson(value).indexOf('Carriage')).toBeLessThan(canonicalJson(value).indexOf('One'));
  });

  // Appendix B: the IEEE 754 bits, and the text.
  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: the number with bits %s is %s', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });

  test.each([
    ['NaN', Number.NaN, /finite/],
    ['an infinity', -Infinity, /finite/],
    ['a lone surrogate', '\ud800', /surrogate/],
    ['a lone surrogate as a name', { '\udc00': 1 }, /surrogate/],
    ['a function', () => 1, /function/],
    ['a big integer', 1n, /bigint/],
    ['undefined in a list', [undefined], /undefined/],
  ])('refuses %s', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ name: 'InvalidInput' }));
  });

  test('a member that is undefined is not there', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  const json = () => fc.jsonValue({ maxDepth: 4 });

  test('means the same as what it came from', () => {
    fc.assert(
      fc.property(json(), (value) => {
        // -0 is written as 0, as ECMAScript does.
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('is its own canonical form', () => {
    fc.assert(
      fc.property(json(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test('does not depend on the order in which members were set', () => {
    const shuffled = fc
      .dictionary(fc.string(), json())
      .chain((members) =>
        fc.tuple(
          fc.constant(members),
          fc.shuffledSubarray(Object.entries(members), { minLength: Object.keys(members).length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([members, entries]) => {
        expect(canonicalJson(Object.fromEntries(entries))).toBe(canonicalJson(members));
      }),
    );
  });

  test('differs where values differ', () => {
    fc.assert(
      fc.property(json(), json(), (a, b) => {
        const same = JSON.stringify(JSON.parse(canonicalJson(a))) === JSON.stringify(JSON.parse(canonicalJson(b)));
        expect(canonicalJson(a) === canonicalJson(b)).toBe(same);
      }),
    );
  });
});
