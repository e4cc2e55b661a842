import { runInThisContext } from 'node:vm';

/**
 * Jest gives each test file a realm of its own, whose typed arrays the native library neither takes nor returns. With
 * this imported, and onnxruntime imported later than any file's static imports are, both use the same ones.
 */
for (const name of ['Float32Array', 'Float64Array', 'BigInt64Array', 'Int32Array', 'Uint8Array', 'Uint32Array']) {
  Object.assign(globalThis, { [name]: runInThisContext(name) });
}
