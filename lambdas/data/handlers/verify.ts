import { tasks } from '../../shared/task.ts';
import { answering } from '../task-answer.ts';
import { verifyPageTask } from './verify-page.ts';

export const handler = tasks({ 'verify-page': answering(verifyPageTask) }).lambda();
