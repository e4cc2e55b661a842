import type { OnnxReader, Span } from './onnx-reader.ts';
import { SPARSE_TENSOR, TENSOR } from './onnx-schema.ts';
import { ScanErrors } from './scan-errors.ts';

/** Elements of one tensor; far above what a model needs, far below what overflows. */
const MAX_ELEMENTS = 2 ** 31;

/** Bits of an element in `raw_data` by TensorProto.DataType; text (8) has no raw form. */
const BITS: Readonly<Record<number, number>> = {
  ...{ 1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128, 16: 16 },
  ...{ 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2 },
};
const TEXT = 8;

/** The list that holds a type's elements when they are not raw; `int32_data` for every type not named. */
const LISTS: Readonly<Record<number, string>> = {
  ...{ 1: 'float_data', 7: 'int64_data', 8: 'string_data', 11: 'double_data', 12: 'uint64_data', 13: 'uint64_data' },
  ...{ 14: 'float_data', 15: 'double_data' },
};
const isList = (field: string) => field.endsWith('_data') && field !== 'raw_data' && field !== 'external_data';

/**
 * A tensor must be whole and inside the file: known type, sizes that fit its data exactly, nothing external.
 * @returns its name
 * @throws ModelFileExternalData, ModelFileTensorInvalid, ModelFileMalformed
 */
export function scanTensor(reader: OnnxReader, span: Span): string {
  const dims: number[] = [];
  const counts = new Map<string, number>();
  let name = '';
  let type = 0;
  let raw: number | undefined;
  reader.visit(TENSOR, span, (field, start, end) => {
    if (field === 'name') name = reader.text(start, end);
    else if (field === 'dims') dims.push(reader.integer(start, end));
    else if (field === 'data_type') type = reader.integer(start, end);
    else if (field === 'raw_data') raw = end - start;
    else if (isList(field)) counts.set(field, (counts.get(field) ?? 0) + 1);
    else if (field === 'external_data' || (field === 'data_location' && reader.integer(start, end) !== 0)) {
      throw ScanErrors.ModelFileExternalData(
        `tensor ${name || `at byte ${span.start}`}: ${field} is set, expected all data inside the file`,
      );
    } else if (field === 'segment') throw invalid(name, 'is a segment of a tensor, expected a whole one');
  });

  const elements = elementsOf(name, dims);
  const bits = BITS[type];
  if (bits === undefined && type !== TEXT) throw invalid(name, `has element type ${type}, which is not known`);
  const list = LISTS[type] ?? 'int32_data';
  for (const other of counts.keys()) {
    if (other !== list) throw invalid(name, `keeps element type ${type} in ${other}, expected ${list}`);
  }
  if (raw === undefined) {
    const expected = listLength(elements, type, bits);
    const count = counts.get(list) ?? 0;
    if (count !== expected) throw invalid(name, `has ${count} entries in ${list}, expected ${expected} for [${dims}]`);
  } else {
    if (bits === undefined || counts.size > 0) throw invalid(name, 'has raw_data beside or instead of its list');
    const expected = Math.ceil((elements * bits) / 8);
    if (raw !== expected) throw invalid(name, `has ${raw} bytes of data, expected ${expected} for [${dims}]`);
  }
  return name;
}

/** A sparse tensor: both parts inside the file, sizes in range. @returns the name of its values */
export function scanSparseTensor(reader: OnnxReader, span: Span): string {
  const dims: number[] = [];
  let name = '';
  reader.visit(SPARSE_TENSOR, span, (field, start, end) => {
    if (field === 'dims') dims.push(reader.integer(start, end));
    else {
      const part = scanTensor(reader, { start, end });
      if (field === 'values') name = part;
    }
  });
  elementsOf(name, dims);
  return name;
}

/** The product of the sizes. @throws ModelFileTensorInvalid for a negative or too large one */
export function elementsOf(name: string, dims: readonly number[]): number {
  let elements = 1;
  for (const size of dims) {
    if (size < 0 || size > MAX_ELEMENTS) throw invalid(name, `has a size of ${size}, expected 0 to ${MAX_ELEMENTS}`);
    elements *= size;
    if (elements > MAX_ELEMENTS) throw invalid(name, `has more than ${MAX_ELEMENTS} elements in [${dims}]`);
  }
  return elements;
}

/** Complex numbers take two entries, types of less than a byte share one. */
function listLength(elements: number, type: number, bits: number | undefined): number {
  if (type === 14 || type === 15) return elements * 2;
  return bits !== undefined && bits < 8 ? Math.ceil((elements * bits) / 8) : elements;
}

const invalid = (name: string, what: string) =>
  ScanErrors.ModelFileTensorInvalid(`tensor ${name || 'without a name'}: ${what}`);
