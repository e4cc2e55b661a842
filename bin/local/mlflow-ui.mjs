// The stock MLflow UI, taken out of the pinned wheel and compressed once. It lies below .millrace/ under the digest of
// its requirements file: another version of MLflow is another folder.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { run } from './setup-run.mjs';

const requirements = (root) => join(root, 'bin/local/mlflow-ui.txt');

/** The folder of the finished files; `manifest.json` in it says which is what, and is there when all of them are. */
export function mlflowUiFolder(root) {
  const digest = createHash('sha256')
    .update(readFileSync(requirements(root)))
    .digest('hex');
  return join(root, '.millrace/mlflow-ui', digest.slice(0, 16));
}

export const hasMlflowUi = (root) => existsSync(join(mlflowUiFolder(root), 'manifest.json'));

/** Gives what pip said where that failed, nothing where the UI is in its place. */
export async function makeMlflowUi(root, python, env) {
  const folder = mlflowUiFolder(root);
  const making = `${folder}.${process.pid}`;
  try {
    mkdirSync(join(making, 'files'), { recursive: true });
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-input', '--retries', '2', '--no-deps', '--dest', making];
    const wheels = ['--only-binary', ':all:', '--ignore-requires-python', '--require-hashes'];
    const got = await run([python, ...pip, ...wheels, '-r', requirements(root)], { env });
    if (got.code !== 0) return got.output;
    const unpacked = await run([python, '-c', UNPACK, making], { env });
    if (unpacked.code !== 0) return unpacked.output;
    const files = await compressAll(join(making, BUILD), join(making, 'files'));
    writeFileSync(join(making, 'files/manifest.json'), JSON.stringify(files));
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(making, 'files'), folder);
    return undefined;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

const BUILD = 'mlflow/server/js/build';

/** Zip files are Python's: Node reads none. */
const UNPACK = `
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
(wheel,) = folder.glob('*.whl')
with zipfile.ZipFile(wheel) as archive:
    names = [n for n in archive.namelist() if n.startswith('${BUILD}/') and not n.endswith('.map')]
    assert '${BUILD}/index.html' in names, 'the wheel holds no UI'
    archive.extractall(folder, names)
`;

const compress = promisify(gzip);

/**
 * Each file under the digest of its content, compressed where that makes it smaller. Gzip, since every client takes it:
 * Brotli's best makes a quarter less of it, and takes a minute of set-up.
 */
async function compressAll(from, into) {
  const entries = readdirSync(from, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const all = entries.map(async (entry) => {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const bytes = readFileSync(path);
    const packed = await compress(bytes, { level: 9 });
    const isPacked = packed.length < bytes.length;
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
    writeFileSync(join(into, digest), isPacked ? packed : bytes);
    return [relative(from, path).split(sep).join('/'), { digest, bytes: bytes.length, gzip: isPacked }];
  });
  const found = await Promise.all(all);
  return Object.fromEntries(found.sort(([one], [other]) => (one < other ? -1 : 1)));
}
