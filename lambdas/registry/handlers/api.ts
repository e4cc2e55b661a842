import { api } from '../../shared/api.ts';
import { listModelsEndpoint } from './list-models.ts';
import { setAliasEndpoint } from './set-alias.ts';
import { showModelEndpoint } from './show-model.ts';
import { showVersionEndpoint } from './show-version.ts';

export const handler = api([listModelsEndpoint, showModelEndpoint, showVersionEndpoint, setAliasEndpoint]).lambda();
