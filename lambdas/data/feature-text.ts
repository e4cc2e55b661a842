import { describeIssues } from '../shared/errors.ts';
import { curatedColumns, type DatasetSpec, isTemporal } from './dataset-spec.ts';
import { DataErrors } from './errors.ts';
import { FeatureSpec, featureNames } from './feature-spec.ts';
import { parseYaml } from './spec-text.ts';

/**
 * Reads a feature spec from YAML.
 * @throws FeatureSpecInvalid with field, value and rule of all that is wrong
 */
export function parseFeatureSpec(text: string): FeatureSpec {
  const raw = parseYaml(text, DataErrors.FeatureSpecInvalid);
  const parsed = FeatureSpec.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw DataErrors.FeatureSpecInvalid(`spec: ${describeIssues(parsed.error, raw)}`);
}

/** Roles of columns that name a thing: what a row is about, not what is said of it. */
const NAMING = ['key', 'group', 'subject'];

/**
 * What a spec says of its dataset must be so; what it says in SQL is for DuckDB to read.
 * @throws FeatureSpecInvalid
 */
export function checkColumns(spec: FeatureSpec, dataset: DatasetSpec): void {
  const columns = curatedColumns(dataset.columns);
  const problems: string[] = [];
  spec.entity.forEach((name, i) => {
    const role = columns[name]?.role;
    if (role === undefined) problems.push(`entity.${i}: got ${name}, ${noColumn(dataset, columns)}`);
    else if (!NAMING.includes(role))
      problems.push(`entity.${i}: got ${name}, which is a ${role}; an entity is named by a ${NAMING.join(', ')}`);
  });
  const type = columns[spec.timestamp]?.type;
  if (type === undefined) problems.push(`timestamp: got ${spec.timestamp}, ${noColumn(dataset, columns)}`);
  else if (!isTemporal(type))
    problems.push(`timestamp: got ${spec.timestamp}, which is ${type}; expected a date or timestamp`);
  for (const name of featureNames(spec)) {
    if (spec.entity.includes(name) || name === spec.timestamp)
      problems.push(`features.${name}: has the name of an entity's or the timestamp's column`);
  }
  if (problems.length > 0) throw DataErrors.FeatureSpecInvalid(`spec: ${problems.join('; ')}`);
}

const noColumn = ({ dataset }: DatasetSpec, columns: DatasetSpec['columns']) =>
  `dataset ${dataset} has ${Object.keys(columns).join(', ')}`;
