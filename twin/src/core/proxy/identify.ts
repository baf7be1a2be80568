// Who calls what: the service and the caller come from the signature's credential scope, the operation from where the
// service's protocol has it. Signatures are not checked.

import type { AwsCall, AwsRequest } from './aws-call.ts';

export class NotIdentified extends Error {
  override readonly name = 'NotIdentified';
}

export type Callers = {
  /** The access key id that a function of this name signs with. */
  accessKeyIdOf(functionLabel: string): string;
  callerOf(accessKeyId: string): string;
};

export function createCallers(): Callers {
  const names = new Map<string, string>();
  return {
    accessKeyIdOf: (label) => {
      const base = `WEIR${label.toUpperCase().replace(/[^A-Z0-9]/g, '')}`;
      const isTaken = (id: string) => names.has(id) && names.get(id) !== label;
      let accessKeyId = base;
      for (let number = 2; isTaken(accessKeyId); number += 1) accessKeyId = `${base}${number}`;
      names.set(accessKeyId, label);
      return accessKeyId;
    },
    callerOf: (accessKeyId) => names.get(accessKeyId) ?? 'operator',
  };
}

const credential = /Credential=([^/,\s]+)\/\d{8}\/[^/,\s]+\/([^/,\s]+)\/aws4_request/;

export function identify(request: AwsRequest, callers: Callers): AwsCall {
  const match = credential.exec(request.headers.authorization ?? '');
  const [, accessKeyId, service] = match ?? [];
  if (accessKeyId === undefined || service === undefined)
    throw new NotIdentified('The request carries no AWS Signature Version 4. Sign it with any key.');
  const token = request.headers['x-amz-security-token'];
  return {
    ...request,
    caller: callers.callerOf(accessKeyId),
    ...(typeof token === 'string' && { environment: token }),
    service,
    operation: operationOf(request, service),
  };
}

const apiVersion = /^\d{4}-\d{2}-\d{2}$/;

function operationOf(request: AwsRequest, service: string): string {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.lastIndexOf('.') + 1);
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    return new URLSearchParams(request.body.toString()).get('Action') ?? 'unknown';
  const { pathname, searchParams } = new URL(request.url, 'http://local');
  const named = searchParams.get('x-id');
  if (named !== null) return named;
  // The first segment of Lambda's paths is the version of its API.
  const segments = pathname.split('/').filter((segment) => segment !== '' && !apiVersion.test(segment));
  if (service === 's3') return `${request.method} ${segments.length > 1 ? 'object' : 'bucket'}`;
  // Every second segment of a REST path is an id.
  return `${request.method} /${segments.map((segment, index) => (index % 2 === 1 ? '{id}' : segment)).join('/')}`;
}
