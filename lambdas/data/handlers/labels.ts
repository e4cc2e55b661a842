import { tasks } from '../../shared/task.ts';
import { answering } from '../task-answer.ts';
import { showAgreementTask, showConsensusTask, showCorrectionsTask } from './label-tasks.ts';

export const handler = tasks({
  'show-agreement': answering(showAgreementTask),
  'show-consensus': answering(showConsensusTask),
  'show-corrections': answering(showCorrectionsTask),
}).lambda();
