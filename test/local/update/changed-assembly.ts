import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, hexOf } from '../../../lambdas/shared/digest.ts';

interface AssetManifest {
  files: Record<string, { displayName: string; source: { path: string } }>;
}

const hashOf = (text: string) => hexOf(digestOf(text));
const code = /\/Code$/;

/**
 * Writes what a synth would make after an edit of some handlers: a copy of a synthesized app in which the code of
 * these functions, by a part of their asset's name, ends with a comment. Assets and templates get names of their own,
 * as content-addressed things do. The work tree stays as it is.
 */
export function changedAssembly(from: string, to: string, comment: string, functions: readonly string[]): string {
  mkdirSync(to, { recursive: true });
  const names = readdirSync(from);
  const manifests = names.filter((name) => name.endsWith('.assets.json'));
  const assets = manifests.flatMap((name) => Object.entries((readJson(join(from, name)) as AssetManifest).files));
  const changed = assets.filter(
    ([, { displayName }]) => code.test(displayName) && functions.some((part) => displayName.includes(part)),
  );
  if (changed.length !== functions.length) throw new Error(`${functions}: found ${changed.length} assets`);
  const renamed = new Map(changed.map(([hash]) => [hash, hashOf(hash + comment)]));

  for (const name of names) {
    const hash = renamed.get(name.replace('asset.', ''));
    if (hash) {
      cpSync(join(from, name), join(to, `asset.${hash}`), { recursive: true });
      appendFileSync(join(to, `asset.${hash}`, 'index.mjs'), `\n// ${comment}\n`);
    } else if (name.endsWith('.json')) {
      writeFileSync(join(to, name), replaced(readFileSync(join(from, name), 'utf8'), renamed));
    } else {
      symlinkSync(join(from, name), join(to, name));
    }
  }
  for (const name of manifests) renameTemplate(to, name);
  return to;
}

/** A template is an asset too: unless its name changes with it, the one that is there already is deployed again. */
function renameTemplate(folder: string, manifest: string): void {
  const { files } = readJson(join(folder, manifest)) as AssetManifest;
  for (const [hash, { source }] of Object.entries(files)) {
    if (!source.path.endsWith('.template.json')) continue;
    const own = new Map([[hash, hashOf(readFileSync(join(folder, source.path), 'utf8'))]]);
    for (const name of [manifest, 'manifest.json']) {
      writeFileSync(join(folder, name), replaced(readFileSync(join(folder, name), 'utf8'), own));
    }
  }
}

const replaced = (text: string, names: ReadonlyMap<string, string>) =>
  [...names].reduce((before, [old, now]) => before.replaceAll(old, now), text);

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
