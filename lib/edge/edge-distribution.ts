import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Aws } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  CachePolicy,
  CfnDistribution,
  CfnFunction,
  type CfnKeyValueStore,
  CfnOriginAccessControl,
  CfnResponseHeadersPolicy,
  OriginRequestPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { PlatformStack } from '../shared/platform-stack.ts';
import type { Zone } from '../shared/zone.ts';

export interface EdgeDistributionProps {
  /** The REST API below whose `/tracking` MLflow's API is. */
  readonly api: RestApi;
  readonly artifacts: Zone;
  /** What the function knows of tokens. */
  readonly keys: CfnKeyValueStore;
  /** Where each request is written down; the bucket takes access control lists. */
  readonly logs: Zone;
  /** A name of your own with its certificate. @default CloudFront's name and certificate */
  readonly domain?:
    | { readonly domainName?: string | undefined; readonly certificateArn?: string | undefined }
    | undefined;
}

const ALL_METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'];
/** CloudFront keeps what fails for ten seconds unless told: a run that was missing a moment ago must be seen at once. */
const ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
/** The longest that CloudFront waits; API Gateway gives up before. */
const API_SECONDS = 30;

/** One name for tracking API, UI and artifacts; viewer-request.js says which requests go to the bucket. */
export class EdgeDistribution extends Construct {
  readonly resource: CfnDistribution;
  readonly domainName: string;

  constructor(scope: Construct, id: string, { api, artifacts, keys, logs, domain }: EdgeDistributionProps) {
    super(scope, id);
    const { stage } = PlatformStack.of(this);
    const name = `millrace-${stage.name}-edge`;
    const decide = new CfnFunction(this, 'ViewerRequest', {
      name,
      autoPublish: true,
      functionCode: readFileSync(join(import.meta.dirname, 'viewer-request.js'), 'utf8'),
      functionConfig: {
        comment: 'Sends artifacts to their bucket and all else to the API',
        runtime: 'cloudfront-js-2.0',
        keyValueStoreAssociations: [{ keyValueStoreArn: keys.attrArn }],
      },
    });
    const access = new CfnOriginAccessControl(this, 'Access', {
      originAccessControlConfig: {
        name,
        originAccessControlOriginType: 's3',
        signingBehavior: 'always',
        signingProtocol: 'sigv4',
      },
    });
    const behaviour = {
      targetOriginId: 'api',
      viewerProtocolPolicy: 'https-only',
      allowedMethods: ALL_METHODS,
      cachedMethods: ['GET', 'HEAD'],
      cachePolicyId: CachePolicy.CACHING_DISABLED.cachePolicyId,
      originRequestPolicyId: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER.originRequestPolicyId,
      functionAssociations: [{ eventType: 'viewer-request', functionArn: decide.attrFunctionArn }],
    };
    const files = {
      ...behaviour,
      compress: true,
      // Their names change with their content, and they are nobody's secret. index.html is not among them.
      cachePolicyId: CachePolicy.CACHING_OPTIMIZED.cachePolicyId,
      responseHeadersPolicyId: this.headers('Plain', `${name}-plain`),
    };
    this.resource = new CfnDistribution(this, 'Resource', {
      distributionConfig: {
        comment: `Millrace tracking, stage ${stage.name}`,
        enabled: true,
        // Cookies are credentials.
        logging: { bucket: logs.resource.bucketRegionalDomainName, prefix: 'edge/', includeCookies: false },
        httpVersion: 'http2and3',
        ipv6Enabled: true,
        aliases: domain?.domainName ? [domain.domainName] : undefined,
        viewerCertificate: domain?.certificateArn
          ? {
              acmCertificateArn: domain.certificateArn,
              sslSupportMethod: 'sni-only',
              minimumProtocolVersion: 'TLSv1.2_2021',
            }
          : { cloudFrontDefaultCertificate: true },
        origins: [
          {
            id: 'api',
            domainName: `${api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`,
            originPath: `/${api.deploymentStage.stageName}/tracking`,
            customOriginConfig: {
              originProtocolPolicy: 'https-only',
              originSslProtocols: ['TLSv1.2'],
              originReadTimeout: API_SECONDS,
            },
          },
          {
            id: 'artifacts',
            domainName: artifacts.resource.bucketRegionalDomainName,
            originAccessControlId: access.attrId,
            s3OriginConfig: { originAccessIdentity: '' },
          },
        ],
        defaultCacheBehavior: { ...behaviour, responseHeadersPolicyId: files.responseHeadersPolicyId },
        cacheBehaviors: [
          {
            ...behaviour,
            pathPattern: '*/2.0/mlflow-artifacts/artifacts/*',
            // A page among them must not run where the login's cookie is.
            responseHeadersPolicyId: this.headers('Artifacts', `${name}-artifacts`, 'attachment'),
          },
          // Not below /t/…: a star takes slashes too, and what is kept is given to anybody.
          { ...files, pathPattern: '/static-files/*' },
        ],
        customErrorResponses: ERRORS.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
      },
    });
    this.domainName = domain?.domainName ?? this.resource.attrDomainName;
  }

  private headers(id: string, name: string, disposition?: string): string {
    const headers = new CfnResponseHeadersPolicy(this, id, {
      responseHeadersPolicyConfig: {
        name,
        securityHeadersConfig: {
          contentTypeOptions: { override: true },
          frameOptions: { frameOption: 'SAMEORIGIN', override: true },
          strictTransportSecurity: { accessControlMaxAgeSec: 31_536_000, override: true },
        },
        customHeadersConfig: disposition && {
          items: [{ header: 'content-disposition', value: disposition, override: true }],
        },
      } as CfnResponseHeadersPolicy.ResponseHeadersPolicyConfigProperty,
    });
    return headers.attrId;
  }
}
