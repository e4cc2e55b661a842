import { Raw, routesOf } from './mlflow-route.ts';

const route = routesOf<unknown>();
const plain = (body: string) =>
  new Raw({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body });

/** The version of MLflow whose routes and answers these are: clients choose by it how to talk to the server. */
export const MLFLOW_VERSION = '3.17.2';

/** What a server says about itself, and what the stock UI asks every server for. */
export const serverRoutes = [
  route({ method: 'GET', path: '/health', version: 'root', access: 'public', run: async () => plain('OK') }),
  route({ method: 'GET', path: '/version', version: 'root', access: 'public', run: async () => plain(MLFLOW_VERSION) }),
  route({
    method: 'GET',
    path: '/mlflow/server-info',
    version: '3.0',
    access: 'read',
    run: async () => ({
      // As for MLflow's own stores but files: the UI shows what files cannot do only where this names no file store.
      store_type: 'SqlStore',
      // Here they are prefixes of the path, and no header names one.
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: true,
      multipart_downloads_enabled: true,
      presigned_upload_run_id_supported: true,
      presigned_upload_model_id_supported: true,
      features_enabled: { gateway: false },
    }),
  }),
  // Nothing about who looks at what leaves the platform.
  route({
    method: 'GET',
    path: '/mlflow/ui-telemetry',
    version: '3.0',
    access: 'read',
    run: async () => ({ disable_ui_telemetry: true, disable_ui_events: [], ui_rollout_percentage: 0 }),
  }),
  route({
    method: 'POST',
    path: '/mlflow/ui-telemetry',
    version: '3.0',
    access: 'read',
    run: async () => ({ status: 'disabled' }),
  }),
  // As a server without model endpoints of its own answers.
  route({
    method: 'GET',
    path: '/mlflow/gateway-proxy',
    version: '2.0',
    access: 'read',
    run: async () => ({ endpoints: [] }),
  }),
  // A client that hears exactly this stops sending spans one by one; it asks for each span again after any other error.
  route({
    method: 'POST',
    path: '/v1/traces',
    version: 'root',
    access: 'write',
    run: async () =>
      new Raw({
        status: 501,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          error_code: 'NOT_IMPLEMENTED',
          message: 'REST OTLP span logging is not supported: this server keeps no traces',
        }),
      }),
  }),
];
