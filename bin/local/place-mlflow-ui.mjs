// Says where the files of the stock MLflow UI are, for a synth, which may be the first thing that a checkout does: what is
// missing is set up.
import { fileURLToPath } from 'node:url';
import { hasMlflowUi, mlflowUiFolder } from './mlflow-ui.mjs';
import { Missing, setUp } from './setup.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
try {
  if (!hasMlflowUi(root)) await setUp(root, { python: true });
  process.stdout.write(mlflowUiFolder(root));
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 69;
}
