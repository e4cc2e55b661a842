import { describe, expect, test } from '@jest/globals';
import { localUrl, localUrls } from '../../../bin/local/urls.ts';

const endpoint = 'http://127.0.0.1:4566';

describe("a REST API's address", () => {
  test('is reached through the emulator', () => {
    expect(localUrl(endpoint, 'https://9cc9e56f.execute-api.us-east-1.amazonaws.com/v/')).toBe(
      'http://127.0.0.1:4566/_aws/execute-api/9cc9e56f/v/',
    );
  });

  test('keeps its path and query', () => {
    expect(localUrl(endpoint, 'https://9cc9e56f.execute-api.eu-west-1.amazonaws.com/v/rain/v2?x=1')).toBe(
      'http://127.0.0.1:4566/_aws/execute-api/9cc9e56f/v/rain/v2?x=1',
    );
  });

  test('that is none stays as it is', () => {
    expect(localUrl(endpoint, 'http://127.0.0.1:4566/_aws/execute-api/9cc9e56f/v')).toBe(
      'http://127.0.0.1:4566/_aws/execute-api/9cc9e56f/v',
    );
  });
});

test("the platform's URLs end without a slash, and tracking is null until there is one", () => {
  const control = 'https://aaaaaaaa.execute-api.us-east-1.amazonaws.com/v/';
  const inference = 'https://bbbbbbbb.execute-api.us-east-1.amazonaws.com/v/';
  expect(localUrls(endpoint, { control, inference, tracking: null })).toEqual({
    control: 'http://127.0.0.1:4566/_aws/execute-api/aaaaaaaa/v',
    inference: 'http://127.0.0.1:4566/_aws/execute-api/bbbbbbbb/v',
    tracking: null,
  });
});
