import { describe, expect, test } from '@jest/globals';
import { originRefusal } from '../../lambdas/shared/origin.ts';

const said = (origin: string, headers: Record<string, string> = { host: 'mill.example' }) =>
  originRefusal({ headers: { ...headers, origin } }, { required: true });

describe('the origin of a request', () => {
  test.each([
    ['https://mill.example', { host: 'mill.example' }],
    ['https://mill.example', { Host: 'Mill.Example:443' }],
    ['https://mill.example:8443', { host: 'mill.example:8443' }],
    ['http://127.0.0.1:4566', { host: '127.0.0.1:4566' }],
    ['http://localhost:4566', { host: 'localhost:4566' }],
    ['http://[::1]:4566', { host: '[::1]:4566' }],
    ['https://ui.example', { host: 'abc.execute-api.us-east-1.amazonaws.com', 'x-forwarded-host': 'ui.example' }],
  ])('%s is this host where its headers are %j', (origin, headers) => {
    expect(said(origin, headers as Record<string, string>)).toBeUndefined();
  });

  test.each([
    'https://evil.example',
    'https://mill.example.evil.example',
    'https://evil.example/mill.example',
    'https://mill.example@evil.example',
    'https://mill.example/',
    'https://mill.example#x',
    'https://mill.example:8443',
    'http://mill.example',
    'HTTPS://mill.example',
    'ftp://mill.example',
    'file://',
    'null',
    '',
    'mill.example',
    'https://mill.example https://evil.example',
  ])('%j is a foreign one', (origin) => {
    expect(said(origin)).toContain('origin: got');
  });

  test('is foreign when it is the API behind the edge, which browsers do not know', () => {
    expect(said('https://abc.example', { host: 'abc.example', 'x-forwarded-host': 'ui.example' })).toBeDefined();
  });

  test('is foreign when one of several is', () => {
    const multiValueHeaders = { host: ['mill.example'], origin: ['https://mill.example', 'https://evil.example'] };
    expect(originRefusal({ multiValueHeaders }, { required: false })).toContain('evil');
  });

  test('is foreign where no host is known', () => {
    expect(said('https://mill.example', {})).toBeDefined();
  });

  test('may be left unsaid by programs and not by browsers', () => {
    const headers = { host: 'mill.example' };
    expect(originRefusal({ headers }, { required: false })).toBeUndefined();
    expect(originRefusal({ headers }, { required: true })).toBe('origin: got nothing, expected the one of this host');
  });
});
