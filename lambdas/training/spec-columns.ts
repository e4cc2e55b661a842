import type { Column, DatasetSpec } from '../data/contract.ts';
import { TrainingErrors } from './errors.ts';
import type { ModelSpec } from './model-spec.ts';

type Columns = DatasetSpec['columns'];
type Type = Column['type'];

const NUMERIC: readonly Type[] = ['double', 'integer', 'boolean'];
const ORDERED: readonly Type[] = ['date', 'timestamp', 'integer', 'double'];
const GROUPING: readonly Type[] = ['string', 'integer', 'boolean'];

/**
 * Checks that the dataset has every column that the spec names, of a type that can serve.
 * @throws SpecColumnInvalid naming field, column and rule of everything that is wrong
 */
export function checkColumns(spec: Pick<ModelSpec, 'target' | 'features' | 'dataset'>, columns: Columns): void {
  const problems: string[] = [];
  const expect = (field: string, name: string, types: readonly Type[]) => {
    const column = columns[name];
    if (!column) {
      problems.push(
        `${field}: got ${name}, dataset ${spec.dataset} has the columns ${Object.keys(columns).join(', ')}`,
      );
    } else if (!types.includes(column.type)) {
      problems.push(`${field}: got ${name} of type ${column.type}, expected one of ${types.join(', ')}`);
    } else if (column.role === 'ignored') {
      problems.push(`${field}: got ${name}, which the dataset's spec says is ignored`);
    }
  };
  expect('target.column', spec.target.column, NUMERIC);
  expect('target.order', spec.target.order, ORDERED);
  if (spec.target.within !== undefined) expect('target.within', spec.target.within, GROUPING);
  for (const [i, name] of spec.features.entries()) expect(`features.${i}`, name, NUMERIC);
  if (spec.target.ahead === 0 && spec.features.includes(spec.target.column)) {
    problems.push(
      `features: got ${spec.target.column}, which is the target itself as target.ahead is 0: the model would be told the answer`,
    );
  }
  if (problems.length > 0) throw TrainingErrors.SpecColumnInvalid(`spec: ${problems.join('; ')}`);
}
