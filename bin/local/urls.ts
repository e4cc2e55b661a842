import * as z from 'zod';

/** The platform's URLs as the SSM parameter `/millrace/<stage>/urls` holds them. */
export const PlatformUrls = z.object({
  control: z.string(),
  /** Null for a stage without endpoints. */
  inference: z.string().nullable(),
  /** Null until the platform has a tracking API. */
  tracking: z.string().nullable().default(null),
});
export type PlatformUrls = z.output<typeof PlatformUrls>;

const API_GATEWAY = /^https:\/\/([a-z0-9]+)\.execute-api\.[a-z0-9.-]+\/([^/?]+)(.*)$/;

/** A REST API's address as CloudFormation writes it, as the emulator serves it; any other address as it is. */
export function localUrl(endpoint: string, url: string): string {
  const [, api, stage, rest] = API_GATEWAY.exec(url) ?? [];
  return api ? `${endpoint}/_aws/execute-api/${api}/${stage}${rest}` : url;
}

/** All of them; a closing slash goes, so that paths can be appended. */
export function localUrls(endpoint: string, { control, inference, tracking }: PlatformUrls): PlatformUrls {
  const local = (url: string) => localUrl(endpoint, url).replace(/\/+$/, '');
  return { control: local(control), inference: inference && local(inference), tracking: tracking && local(tracking) };
}
