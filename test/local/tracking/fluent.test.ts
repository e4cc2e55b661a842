import { conformanceTests } from './conformance.ts';

// The fluent API: runs, autologging, models of scikit-learn and ONNX and every address that they are loaded by.
await conformanceTests('fluent');
