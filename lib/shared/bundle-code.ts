import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');

/** A native library that a function ships beside its bundle. */
export type NativeLibrary = 'onnxruntime' | 'duckdb';

/** Files that a function ships beside its bundle, in a folder of their name; bundling asks for them. */
export interface ShippedFiles {
  readonly name: string;
  copyInto(outputFolder: string): void;
}

/** Where the code will run: Lambda's own platform, or this host for the local cloud. */
export interface BundleTarget {
  platform: string;
  arch: string;
}

export const LAMBDA_TARGET: BundleTarget = { platform: 'linux', arch: 'x64' };
export const HOST_TARGET: BundleTarget = { platform: process.platform, arch: process.arch };

const libraryFolder: Record<NativeLibrary, (target: BundleTarget) => string> = {
  onnxruntime: ({ platform, arch }) => `node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}`,
  duckdb: ({ platform, arch }) => `node_modules/@duckdb/node-bindings-${platform}-${arch}`,
};

/** What lies beside a binding and must be found there at load: its RUNPATH is its own folder. */
const SHARED_LIBRARY = /\.(so(\.\d+)*|dylib|dll)$/;

/**
 * One handler as a single ES module with the SDK inside. esbuild is called in this process: through the
 * construct library's own bundling every function costs an `npx` start of its own.
 */
export function bundleCode(
  handler: string,
  native: readonly NativeLibrary[],
  target: BundleTarget,
  files: readonly ShippedFiles[] = [],
): Code {
  const [domain, unit] = handler.split('/');
  const entry = join(ROOT, 'lambdas', `${domain}`, 'handlers', `${unit}.ts`);
  if (!existsSync(entry)) throw new Error(`handler: got ${handler}, there is no ${entry.slice(ROOT.length + 1)}`);
  return Code.fromAsset(dirname(entry), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never pulled: `local` below always bundles.
      image: DockerImage.fromRegistry('none'),
      // Part of the staging cache's key: handlers of one folder are told apart by it.
      command: [handler, ...native, ...files.map(({ name }) => name), target.platform, target.arch],
      local: {
        tryBundle(outputFolder) {
          bundleInto(outputFolder, entry, native, target);
          for (const each of files) each.copyInto(outputFolder);
          return true;
        },
      },
    },
  });
}

export function bundleInto(
  outputFolder: string,
  entry: string,
  native: readonly NativeLibrary[],
  target: BundleTarget,
): void {
  buildSync({
    entryPoints: [entry],
    outfile: join(outputFolder, 'index.mjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // Turns the bindings' computed paths into one literal path, so that one platform's library is taken.
    define: { 'process.platform': JSON.stringify(target.platform), 'process.arch': JSON.stringify(target.arch) },
    loader: { '.node': 'copy' },
    assetNames: '[name]',
    external: otherBindings(target),
    banner: {
      js: "import{createRequire as __cr}from'node:module';import{dirname as __dn}from'node:path';import{fileURLToPath as __fu}from'node:url';const require=__cr(import.meta.url);const __filename=__fu(import.meta.url);const __dirname=__dn(__filename);",
    },
    logLevel: 'error',
    absWorkingDir: ROOT,
  });
  for (const library of native) {
    const folder = join(ROOT, libraryFolder[library](target));
    if (!existsSync(folder)) {
      throw new Error(
        `${library}: ${folder.slice(ROOT.length + 1)} is not installed: npm ci --ignore-scripts --os=${target.platform} --cpu=${target.arch} --force brings the libraries of the platform that functions run on`,
      );
    }
    for (const file of readdirSync(folder).filter((name) => SHARED_LIBRARY.test(name))) {
      copyFileSync(join(folder, file), join(outputFolder, file));
    }
  }
}

const otherBindings = ({ platform, arch }: BundleTarget) =>
  [
    'linux-x64',
    'linux-x64-musl',
    'linux-arm64',
    'linux-arm64-musl',
    'darwin-arm64',
    'darwin-x64',
    'win32-arm64',
    'win32-x64',
  ]
    .filter((each) => each !== `${platform}-${arch}`)
    .map((each) => `@duckdb/node-bindings-${each}`);
