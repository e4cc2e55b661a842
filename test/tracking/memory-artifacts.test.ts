import { memoryArtifacts } from '../fakes/memory-artifacts.ts';
import { artifactStoreContract } from './artifact-store.contract.ts';

artifactStoreContract('memory', () => {
  const store = memoryArtifacts();
  return { store, fetchUrl: store.fetch };
});
