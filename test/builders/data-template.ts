import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../lib/data/data-stack.ts';
import { LineageStack } from '../../lib/lineage/lineage-stack.ts';
import { parseStage } from '../../lib/shared/stage.ts';

export interface Statement {
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}

export function aDataTemplate(stage = parseStage('prod', { prod: {} })): Template {
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  const lineage = new LineageStack(app, stage);
  return Template.fromStack(new DataStack(app, stage, { lineage }));
}

/** What the roles of a template may, each by the logical id of what it belongs to. */
export function rolesOf(template: Template) {
  const statementsOf = (owner: string): Statement[] =>
    Object.entries(template.findResources('AWS::IAM::Policy'))
      .filter(([id]) => new RegExp(`^${owner}(Role)?DefaultPolicy`).test(id))
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
  const actionsOf = (owner: string) =>
    [...new Set(statementsOf(owner).flatMap(({ Action }) => Action))]
      .filter((action) => !/^(logs|xray):/.test(action))
      .sort();
  return { statementsOf, actionsOf };
}
