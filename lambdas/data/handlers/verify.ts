import { tasks } from '../../shared/task.ts';
import { verifyPageTask } from './verify-page.ts';

export const handler = tasks({ 'verify-page': verifyPageTask }).lambda();
