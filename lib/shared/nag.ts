import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, CfnResource, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { EDGE_WAIVERS, type Finding, WAIVERS } from './nag-waivers.ts';

/** One line of `nag-waivers.json`, which every synth writes beside its templates for those who audit them. */
export interface WaivedFinding {
  id: string;
  path: string;
  reason: string;
}

/**
 * Puts every synth of the app under cdk-nag: a finding that no waiver covers fails it.
 *
 * The gate is AwsSolutions. NIST 800-53 asks for things that are billed by the hour (a VPC around every function) or
 * by the key, and the Serverless pack for dead letters of functions that nobody calls asynchronously.
 */
export function applyNag(app: App): void {
  Validations.of(app).addPlugins(new WaivedChecks(app));
}

/**
 * The pack's report without what waivers cover. Acknowledging findings before the synth does not reach those on other
 * stacks' resources: their text changes once references between stacks become exports.
 */
class WaivedChecks extends AwsSolutionsChecks {
  private readonly app: App;

  constructor(app: App) {
    super(app);
    this.app = app;
  }

  override validateScope(scope: IConstruct) {
    const report = super.validateScope(scope);
    const resources = new Map(
      scope.node
        .findAll()
        .filter(CfnResource.isCfnResource)
        .map((resource) => [resource.node.path, resource] as const),
    );
    const waived: WaivedFinding[] = [];
    const violations = report.violations.flatMap((violation) => {
      const left = violation.violatingResources.filter(({ constructPath: path = '' }) => {
        const resource = resources.get(path);
        const reason = resource && reasonFor({ id: violation.ruleName, resource });
        if (reason) waived.push({ id: violation.ruleName, path, reason });
        return !reason;
      });
      return left.length > 0 ? [{ ...violation, violatingResources: left }] : [];
    });
    writeFileSync(join(this.app.outdir, 'nag-waivers.json'), `${JSON.stringify(waived, undefined, 2)}\n`);
    return { ...report, success: violations.length === 0, violations };
  }
}

const reasonFor = (finding: Finding): string | undefined =>
  [...WAIVERS, ...EDGE_WAIVERS].find(({ rule, covers }) => finding.id.startsWith(rule) && covers(finding))?.reason;
