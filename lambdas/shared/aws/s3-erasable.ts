import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
} from '@aws-sdk/client-s3';
import { SharedErrors } from '../errors.ts';
import type { ErasableObjects } from '../objects.ts';
import { s3Client, s3Objects } from './s3-objects.ts';

/** One bucket behind the port that can erase: its function needs ListBucketVersions, DeleteObject and DeleteObjectVersion. */
export function s3Erasable(bucket: string, client = s3Client()): ErasableObjects {
  return {
    ...s3Objects(bucket, client),
    async versionsBelow(prefix) {
      const found: { key: string; versionId: string }[] = [];
      const input: ListObjectVersionsCommandInput = { Bucket: bucket, Prefix: prefix };
      for (;;) {
        const page = await client.send(new ListObjectVersionsCommand(input));
        for (const { Key, VersionId } of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
          if (Key !== undefined && VersionId !== undefined) found.push({ key: Key, versionId: VersionId });
        }
        if (!page.IsTruncated) return found;
        input.KeyMarker = page.NextKeyMarker;
        input.VersionIdMarker = page.NextVersionIdMarker;
      }
    },
    async erase(versions) {
      if (versions.length === 0) return;
      const Objects = versions.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
      );
      const [first] = Errors.filter(({ Code }) => Code !== 'NoSuchKey' && Code !== 'NoSuchVersion');
      if (first)
        throw SharedErrors.ServiceUnavailable(`${Errors.length} objects were not erased; ${first.Key}: ${first.Code}`);
    },
  };
}
