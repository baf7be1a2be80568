// What calls to S3 need, by method and by what the query and headers say of it: the API has no names on the wire.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html

import { textIn } from '../../../core/http/xml-text.ts';
import type { AwsCall } from '../../../core/proxy/aws-call.ts';
import { bucketArn, objectArn } from '../arns.ts';
import type { Need } from '../policy-evaluation.ts';
import type { Needs } from './call-needs.ts';

type Place = { readonly bucket: string; readonly key: string };
type Read = (place: Place, call: AwsCall) => readonly Need[] | undefined;

const ofObject =
  (action: string) =>
  ({ bucket, key }: Place) => [{ action, resource: objectArn(bucket, key) }];
const ofBucket =
  (action: string): Read =>
  ({ bucket }) => [{ action, resource: bucketArn(bucket) }];

/** By method and what of the query tells it from others. */
const ofObjects: Readonly<Record<string, Read>> = {
  'DELETE ': ofObject('s3:DeleteObject'),
  'DELETE uploadId': ofObject('s3:AbortMultipartUpload'),
  'GET ': ofObject('s3:GetObject'),
  'GET uploadId': ofObject('s3:ListMultipartUploadParts'),
  'HEAD ': ofObject('s3:GetObject'),
  'POST uploadId': ofObject('s3:PutObject'),
  'POST uploads': putObject,
  'PUT ': putObject,
  'PUT uploadId': putObject,
};
const ofBuckets: Readonly<Record<string, Read>> = {
  'GET ': ofBucket('s3:ListBucket'),
  'HEAD ': ofBucket('s3:ListBucket'),
  'POST delete': deleteObjects,
};
/** What a query may say besides without being about something else. */
const plainQuery = new Set([
  'continuation-token',
  'delimiter',
  'encoding-type',
  'fetch-owner',
  'list-type',
  'marker',
  'max-keys',
  'max-parts',
  'part-number-marker',
  'partNumber',
  'prefix',
  'start-after',
  'x-id',
]);

export const s3Needs: Needs = (call) => {
  const { pathname, searchParams } = new URL(call.url, 'http://local');
  const [bucket = '', ...rest] = pathname.slice(1).split('/');
  const key = decoded(rest.join('/'));
  if (key === undefined) return undefined;
  const subject = [...searchParams.keys()].filter(
    (name) => !plainQuery.has(name) && !name.startsWith('response-'),
  );
  const table = key === '' ? ofBuckets : ofObjects;
  const name = `${call.method} ${subject.join(' ')}`;
  return Object.hasOwn(table, name) && bucket !== '' ? table[name]?.({ bucket, key }, call) : undefined;
};

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A call with one of these headers needs further actions, which are not known here. */
const furtherHeaders = /^x-amz-(acl|grant-|object-lock-|tagging)/;

function putObject(place: Place, { headers }: AwsCall): readonly Need[] | undefined {
  if (Object.keys(headers).some((name) => furtherHeaders.test(name))) return undefined;
  const put = ofObject('s3:PutObject')(place);
  const source = headers['x-amz-copy-source'];
  if (typeof source !== 'string') return put;
  const [bucket = '', ...rest] =
    decoded(source.split('?')[0] ?? '')
      ?.replace(/^\//, '')
      .split('/') ?? [];
  return [...ofObject('s3:GetObject')({ bucket, key: rest.join('/') }), ...put];
}

/** S3 answers for each key by itself; here all are refused when one is. */
function deleteObjects({ bucket }: Place, { body }: AwsCall): readonly Need[] | undefined {
  const objects = [...body.toString().matchAll(/<Object>.*?<\/Object>/gs)];
  if (objects.length === 0) return undefined;
  return objects.flatMap(([object]) => ofObject('s3:DeleteObject')({ bucket, key: textIn(object, 'Key') }));
}
