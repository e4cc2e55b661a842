import { App } from 'aws-cdk-lib';
import { DataStack } from '../lib/data/data-stack.ts';
import { EdgeStack } from '../lib/edge/edge-stack.ts';
import { GatewayStack } from '../lib/gateway/gateway-stack.ts';
import { LineageStack } from '../lib/lineage/lineage-stack.ts';
import { MonitoringStack } from '../lib/monitoring/monitoring-stack.ts';
import { RegistryStack } from '../lib/registry/registry-stack.ts';
import { ServingStack } from '../lib/serving/serving-stack.ts';
import { applyNag } from '../lib/shared/nag.ts';
import { readStage } from '../lib/shared/stage.ts';
import { StudioStack } from '../lib/studio/studio-stack.ts';
import { TrackingStack } from '../lib/tracking/tracking-stack.ts';
import { TrainingStack } from '../lib/training/training-stack.ts';

// Composition only: the stage is parsed once, the stacks are created in domain order, references point left.
const app = new App();
const stage = readStage(app);
const lineage = new LineageStack(app, stage);
const data = new DataStack(app, stage, { lineage });
const registry = new RegistryStack(app, stage, { lineage });
const tracking = new TrackingStack(app, stage, { lineage, data });
const training = new TrainingStack(app, stage, { lineage, data, registry, tracking });
const serving = new ServingStack(app, stage, { lineage, data, registry });
const monitoring = new MonitoringStack(app, stage, { lineage, data, serving });
const gateway = new GatewayStack(app, stage, {
  apis: {
    lineage: lineage.api,
    data: data.api,
    registry: registry.api,
    tracking: tracking.api,
    training: training.api,
    serving: serving.api,
    monitoring: monitoring.api,
  },
  trackingUi: tracking.ui,
  endpoints: Object.fromEntries(serving.endpoints),
});
// It names the endpoints' aliases instead of importing them, so the order is said here.
gateway.addDependency(serving);
const edge = stage.edge ? new EdgeStack(app, stage, { lineage, data, gateway }) : undefined;
if (stage.studio) {
  const { tracking: trackingUri } = (edge ?? gateway).urls;
  new StudioStack(app, stage, { data, control: gateway.control, trackingUri });
}
applyNag(app);
app.synth();
