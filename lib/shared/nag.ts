import { type App, CfnResource, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, type NagPack } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { WAIVERS } from './nag-waivers.ts';

/** A rule that a resource breaks: `AwsSolutions-S1`, or `AwsSolutions-IAM5[Resource::*]` for one part of it. */
export interface Finding {
  readonly id: string;
  readonly resource: CfnResource;
}

/**
 * Puts every synth of the app under cdk-nag, behind the last stack. What a waiver covers is acknowledged with its
 * reason on the one resource that has it; any other finding fails the synth.
 *
 * The gate is AwsSolutions. NIST 800-53 asks for things that are billed by the hour (a VPC around every function) or
 * by the key, and the Serverless pack for dead letters of functions that nobody calls asynchronously (docs/decisions).
 */
export function applyNag(app: App): void {
  // The reasons stand in the templates too, for those who audit what was deployed.
  const pack = new AwsSolutionsChecks(app, { writeSuppressionsToCloudFormation: true });
  for (const finding of findingsOf(pack, app)) {
    const waiver = WAIVERS.find(({ rule, covers }) => finding.id.startsWith(rule) && covers(finding));
    if (waiver) Validations.of(finding.resource).acknowledge({ id: finding.id, reason: waiver.reason });
  }
  Validations.of(app).addPlugins(pack);
}

export function findingsOf(pack: NagPack, scope: IConstruct): Finding[] {
  const resources = new Map(
    scope.node
      .findAll()
      .filter(CfnResource.isCfnResource)
      .map((resource) => [resource.node.path, resource]),
  );
  return pack.validateScope(scope).violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.flatMap(({ constructPath }) => {
      const resource = resources.get(constructPath ?? '');
      return resource ? [{ id: ruleName, resource }] : [];
    }),
  );
}
