import { errorCatalogue } from '../shared/errors.ts';

/** What the model-file scanner refuses. All of them are answers about the file, so no retry helps. */
export const ScanErrors = errorCatalogue({
  /** Not ONNX, cut short, or bytes that two readers could understand differently. */
  ModelFileMalformed: 'invalid',
  /** An ir_version or operator set that the serving runtime does not know. */
  ModelFileVersionUnsupported: 'invalid',
  /** A tensor that would be read from a file beside the model or from memory. */
  ModelFileExternalData: 'invalid',
  /** A foreign operator domain, a local function, or an operator that may run for ever. */
  ModelFileOperatorRefused: 'invalid',
  /** A tensor whose sizes are negative, too large, or not those of its data. */
  ModelFileTensorInvalid: 'invalid',
  /** An input or output that the Open Inference Protocol cannot carry. */
  ModelFileSignatureUnsupported: 'invalid',
  /** Graphs within graphs beyond the cap. */
  ModelFileTooDeep: 'invalid',
  ModelFileTooLarge: 'invalid',
});
