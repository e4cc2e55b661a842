import { tasks } from '../../shared/task.ts';
import { eraseVersionTask } from './erase-version.ts';
import { findVersionsTask } from './find-versions.ts';

export const handler = tasks({ 'find-versions': findVersionsTask, 'erase-version': eraseVersionTask }).lambda();
