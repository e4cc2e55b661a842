import { ServingErrors } from './errors.ts';
import type { NamedTensor } from './tensor.ts';

/** What an answer says beside its tensors. */
export interface AnswerHead {
  model: string;
  version: string;
  predictionId: string;
  /** The request's own id, echoed. */
  id?: string;
}

/**
 * The V2 inference answer as text, data flat. Written piece by piece: numbers are most of it, and a generic writer
 * would first copy every tensor into a list.
 */
export function answerText({ model, version, predictionId, id }: AnswerHead, outputs: readonly NamedTensor[]): string {
  let text = `{"model_name":"${model}","model_version":"${version}",`;
  if (id !== undefined) text += `"id":${JSON.stringify(id)},`;
  text += `"parameters":{"prediction_id":"${predictionId}"},"outputs":[`;
  for (const [i, { name, datatype, shape, data }] of outputs.entries()) {
    if (i > 0) text += ',';
    text += `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}],"data":[${dataText(data, datatype)}]}`;
  }
  return `${text}]}`;
}

function dataText(data: NamedTensor['data'], datatype: NamedTensor['datatype']): string {
  if (Array.isArray(data)) return data.map((text) => JSON.stringify(text)).join(',');
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, (bit) => bit !== 0).join(',');
  return data.join(',');
}

/** The rows for which a floating-point output is not a finite number. */
export function rowsNotFinite(outputs: readonly NamedTensor[], rows: number): Set<number> {
  const found = new Set<number>();
  for (const { data } of outputs) {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    for (let i = 0; i < data.length; i++) {
      // x - x is 0 for finite numbers and NaN for all others.
      if ((data[i] as number) - (data[i] as number) !== 0) found.add(Math.floor((i * rows) / data.length));
    }
  }
  return found;
}

/** @returns the error for an answer that JSON has no numbers for */
export const answerNotFinite = (notFinite: ReadonlySet<number>, rows: number) =>
  ServingErrors.AnswerNotFinite(
    `outputs: the model has no finite answer for ${notFinite.size} of ${rows} rows, the first is row ${Math.min(...notFinite)}`,
  );
