import { DataErrors } from '../../lambdas/data/errors.ts';
import { filePath, type ManifestFile } from '../../lambdas/data/manifest.ts';
import type { BreachCount, Refine, Refinery } from '../../lambdas/data/ports.ts';
import type { ColumnProfile } from '../../lambdas/data/profile.ts';
import { digestOf } from '../../lambdas/shared/digest.ts';
import type { ObjectStore } from '../../lambdas/shared/objects.ts';

/**
 * The refine port without DuckDB, for rules that only care what became of a file: each line is a row, `!` at its
 * beginning breaks it, and the same line is the same row. A file that begins with `%` is no CSV.
 */
export function lineRefinery({ raw, curated }: { raw: ObjectStore; curated: ObjectStore }): Refinery {
  const linesOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8').split('\n').filter(Boolean);
  const refine: Refine = async ({ workspace, object, spec, parent }) => {
    const bytes = await raw.get(object.key);
    if (!bytes) throw DataErrors.RawObjectMissing(`key: got ${object.key}`);
    const lines = linesOf(bytes);
    if (lines[0]?.startsWith('%')) throw DataErrors.CsvUnparsable(`file: got ${lines[0]}, expected lines`);
    const known = new Set<string>();
    for (const { path } of parent?.files ?? []) {
      const file = (await curated.get(`${workspace}/${spec.dataset}/${path}`)) as Uint8Array;
      for (const line of linesOf(file)) known.add(line);
    }
    const broken = lines.filter((line) => line.startsWith('!'));
    const fresh = [...new Set(lines)].filter((line) => !line.startsWith('!') && !known.has(line)).sort();
    const files: ManifestFile[] = [];
    if (fresh.length > 0) {
      const content = `${fresh.join('\n')}\n`;
      const sha256 = digestOf(content);
      const path = filePath('train', sha256);
      files.push({ path, split: 'train', sha256, bytes: content.length, rows: fresh.length });
      await curated.create(`${workspace}/${spec.dataset}/${path}`, content);
    }
    const columns: Record<string, ColumnProfile> =
      files.length > 0 ? { size: { type: 'double', count: known.size + fresh.length, nulls: 0 } } : {};
    const counts: BreachCount[] =
      broken.length > 0 ? [{ column: 'size', rule: 'range', level: 'quarantine', rows: broken.length }] : [];
    return {
      raw: { bytes: bytes.length, sha256: digestOf(bytes) },
      rows: {
        given: lines.length,
        broken: broken.length,
        repeated: lines.length - broken.length - fresh.length,
        fresh: fresh.length,
        replaced: 0,
      },
      counts,
      sample: broken.map((value) => ({
        row: lines.indexOf(value) + 1,
        column: 'size',
        value,
        rule: 'range' as const,
        level: 'quarantine' as const,
      })),
      sampleRows: [],
      checks: [],
      files,
      superseded: [],
      columns,
    };
  };
  return {
    refine,
    // In two parts, which change nothing: what is to be shown is the order of steps.
    plan: async ({ specDigest, object }) => ({
      spec: specDigest,
      references: '',
      raw: { bytes: (await raw.head(object.key))?.bytes ?? 0, sha256: digestOf('') },
      parts: [0, 1].map((index) => ({ index, from: index, to: index + 1 })),
    }),
    refinePart: async (request, _plan, { index }) => curated.put(`staging/${request.object.key}/${index}`, 'taken'),
    finish: async (request, { parts }) => {
      for (const { index } of parts) {
        if (!(await curated.get(`staging/${request.object.key}/${index}`)))
          throw DataErrors.PartMissing(`part ${index} of ${request.object.key}`);
      }
      return refine(request);
    },
  };
}
