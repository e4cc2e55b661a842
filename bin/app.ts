import { App } from 'aws-cdk-lib';
import { LineageStack } from '../lib/lineage/lineage-stack.ts';
import { readStage } from '../lib/shared/stage.ts';

const app = new App();
const stage = readStage(app);
const lineage = new LineageStack(app, stage);
void lineage;
app.synth();
