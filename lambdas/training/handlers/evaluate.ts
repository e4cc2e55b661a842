import { tasks } from '../../shared/task.ts';
import { workInEmptyFolder } from '../aws/work-in-empty-folder.ts';
import { evaluateModelTask } from './evaluate-model.ts';

workInEmptyFolder();

/** Alone in its function: only its role may read the rows that are held out. */
export const handler = tasks({ 'evaluate-model': evaluateModelTask }).lambda();
