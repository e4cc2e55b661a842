import { Aspects, CfnCondition, CfnParameter, CfnResource, Fn, type IAspect, type Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Types that exist on AWS only: the local cloud does not know them. */
export const AWS_ONLY_TYPES: readonly string[] = [
  'AWS::WAFv2::WebACLAssociation',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::Logs::QueryDefinition',
  'AWS::EMRServerless::Application',
  ...['AWS::SageMaker::Domain', 'AWS::SageMaker::UserProfile', 'AWS::SageMaker::Space'],
  'AWS::SageMaker::StudioLifecycleConfig',
];

const LOCAL_ONLY = Symbol.for('millrace.local-only');

/** Marks a part that only the local cloud gets, such as the stand-in for a training service. */
export function localOnly<Part extends IConstruct>(part: Part): Part {
  Object.defineProperty(part, LOCAL_ONLY, { value: true });
  return part;
}

const isLocalOnly = (node: IConstruct): boolean => node.node.scopes.some((scope) => LOCAL_ONLY in scope);

const AWS_ONLY = Symbol.for('millrace.aws-only');

/** Marks a part whose service the local cloud does not have, with everything in it. */
export function awsOnly<Part extends IConstruct>(part: Part): Part {
  Object.defineProperty(part, AWS_ONLY, { value: true });
  return part;
}

const isAwsOnly = (node: IConstruct): boolean => node.node.scopes.some((scope) => AWS_ONLY in scope);

interface PlatformConditions {
  onAws: CfnCondition;
  onLocal: CfnCondition;
}

const conditions = new WeakMap<Stack, PlatformConditions>();

/** The stack's `Platform` parameter and its two conditions, made on first use: a stack without platform parts has none. */
export function platformConditions(stack: Stack): PlatformConditions {
  const existing = conditions.get(stack);
  if (existing) return existing;
  const platform = new CfnParameter(stack, 'Platform', {
    default: 'aws',
    allowedValues: ['aws', 'local'],
    description: 'Where the stack runs. The local cloud sets "local"; nobody else sets it.',
  });
  const made = {
    onAws: new CfnCondition(stack, 'OnAws', { expression: Fn.conditionEquals(platform.valueAsString, 'aws') }),
    onLocal: new CfnCondition(stack, 'OnLocal', { expression: Fn.conditionEquals(platform.valueAsString, 'local') }),
  };
  conditions.set(stack, made);
  return made;
}

/** Conditions AWS-only types and local-only parts, so that one template serves both platforms. */
class PlatformAspect implements IAspect {
  private readonly stack: Stack;

  constructor(stack: Stack) {
    this.stack = stack;
  }

  visit(node: IConstruct): void {
    if (!(node instanceof CfnResource)) return;
    if (AWS_ONLY_TYPES.includes(node.cfnResourceType) || isAwsOnly(node))
      node.cfnOptions.condition = platformConditions(this.stack).onAws;
    if (isLocalOnly(node)) node.cfnOptions.condition = platformConditions(this.stack).onLocal;
  }
}

export function applyPlatform(stack: Stack): void {
  Aspects.of(stack).add(new PlatformAspect(stack));
}
