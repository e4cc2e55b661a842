import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { readEnv, runtimeEnv } from '../../shared/env.ts';
import { bundleReader } from '../aws/bundle-reader.ts';
import { leaveForEmptyFolder, onnxModel, runtimeName } from '../aws/onnx-model.ts';
import { PredictEnv } from '../predict-env.ts';
import { predictor } from '../predictor.ts';
import { bundleRefusedLine } from '../request-line.ts';
import { loadedOnce, pinnedBundle, serveBundle } from '../served-model.ts';

/**
 * One endpoint's function. No middleware and no SDK: it is on the path of every prediction, and what it would use of
 * either is one log line and one GET (docs/decisions).
 */
function predictHandler(): (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult> {
  const env = readEnv(PredictEnv);
  const functionVersion = runtimeEnv().AWS_LAMBDA_FUNCTION_VERSION;
  const where = { workspace: env.WORKSPACE, endpoint: env.ENDPOINT, functionVersion };
  const write = (line: string) => void process.stdout.write(line);
  leaveForEmptyFolder();
  const load = async () => {
    const bundle = pinnedBundle(env);
    return serveBundle({
      ...bundle,
      read: bundleReader(env.BUNDLES_BUCKET, env.WORKSPACE, bundle.digest),
      load: onnxModel,
    });
  };
  const serve = loadedOnce(load, { refused: (error) => write(bundleRefusedLine(where, error)) });
  return predictor({ ...where, model: env.MODEL, runtime: runtimeName, serve, write });
}

let answer: ReturnType<typeof predictHandler> | undefined;

export const handler = (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
  answer ??= predictHandler();
  return answer(event);
};
