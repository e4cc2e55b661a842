import { conformanceTests } from './conformance.ts';

// Plain HTTP: errors and forms, hostile paths, every limit, and several clients at once.
await conformanceTests('wire', 'traversal', 'limits', 'races');
