import { execFileSync } from 'node:child_process';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readTarGz, writeTarGz } from '../../lambdas/training/tar-file.ts';

const LIMITS = { maxBytes: 10_000, maxFiles: 5 };

/** An archive as Python's tarfile writes it: `code` adds members to `tar`. */
const byPython = (code: string): Uint8Array => {
  const script = `
import io, sys, tarfile
def add(tar, name, data=b"", **fields):
    member = tarfile.TarInfo(name); member.size = len(data)
    for key, value in fields.items(): setattr(member, key, value)
    tar.addfile(member, io.BytesIO(data))
out = io.BytesIO()
with tarfile.open(fileobj=out, mode="w:gz") as tar:
${code.replace(/^/gm, '    ')}
sys.stdout.buffer.write(out.getvalue())`;
  return execFileSync('python3', ['-c', script]);
};

const refused = (bytes: Uint8Array, message: RegExp) =>
  expect(() => readTarGz(bytes, LIMITS)).toThrow(
    expect.objectContaining({ name: 'TrainingOutputInvalid', message: expect.stringMatching(message) }),
  );

describe('reading what a training script left', () => {
  test('gives the files of an archive that Python wrote, folders and dots aside', () => {
    const archive = byPython(
      'add(tar, "./", type=tarfile.DIRTYPE)\nadd(tar, "./model.onnx", b"abc", mtime=1.5)\nadd(tar, "code/a.txt", b"x" * 600)',
    );
    const files = readTarGz(archive, LIMITS);
    expect([...files].map(([name, bytes]) => [name, bytes.length])).toEqual([
      ['model.onnx', 3],
      ['code/a.txt', 600],
    ]);
  });

  test.each([
    ['a symbolic link', 'add(tar, "model.onnx", type=tarfile.SYMTYPE, linkname="/etc/passwd")', /of type 2/],
    ['a hard link', 'add(tar, "model.onnx", type=tarfile.LNKTYPE, linkname="other")', /of type 1/],
    ['a device', 'add(tar, "model.onnx", type=tarfile.CHRTYPE)', /of type 3/],
    ['a path that leaves', 'add(tar, "../model.onnx", b"x")', /path: got "..\/model.onnx"/],
    ['a path that leaves further on', 'add(tar, "a/../../b", b"x")', /path: got/],
    ['an absolute path', 'add(tar, "/etc/passwd", b"x")', /path: got/],
    ['a backslash', 'add(tar, "a\\\\\\\\b", b"x")', /path: got/],
    ['the same file twice', 'add(tar, "a", b"x")\nadd(tar, "a", b"y")', /a: is there twice/],
    ['too many files', 'for i in range(6): add(tar, str(i))', /more than 5/],
    ['too many bytes', 'add(tar, "a", b"x" * 6000)\nadd(tar, "b", b"x" * 6000)', /more than 10000 bytes/],
  ])('%s is refused', (_, code, message) => refused(byPython(code), message));

  test('a file that unpacks without end is refused before it fills the memory', () => {
    refused(gzipSync(Buffer.alloc(50_000_000)), /unpacks to more than/);
  });

  test('what is no gzip, and what is cut short, is refused', () => {
    refused(Buffer.from('not a gzip'), /is no gzip file/);
    const whole = gunzipSync(writeTarGz(new Map([['model.onnx', Buffer.alloc(2000)]])));
    refused(gzipSync(whole.subarray(0, 1024)), /the archive ends before/);
  });

  test('a header that was changed is refused', () => {
    const archive = Buffer.from(gunzipSync(writeTarGz(new Map([['model.onnx', Buffer.from('x')]]))));
    archive.write('n', 0);
    refused(gzipSync(archive), /checksum/);
  });

  test('gives back what was written, whatever it is', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9.]{0,20}$/);
    const files = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 1500 })), {
      selector: ([n]) => n,
      maxLength: 5,
    });
    fc.assert(
      fc.property(files, (given) => {
        const read = readTarGz(writeTarGz(new Map(given)), LIMITS);
        expect(new Map([...read].map(([n, bytes]) => [n, [...bytes]]))).toEqual(
          new Map(given.map(([n, bytes]) => [n, [...bytes]])),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('is what Python reads from an archive of ours', () => {
    const archive = writeTarGz(new Map([['model.onnx', Buffer.from('abc')]]));
    const script =
      'import io,sys,tarfile;t=tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()));print(t.getnames(),t.extractfile("model.onnx").read())';
    expect(execFileSync('python3', ['-c', script], { input: archive, encoding: 'utf8' })).toBe(
      "['model.onnx'] b'abc'\n",
    );
  });
});
